//! Where a tool's own settings say that its migrations lie.

use super::tool::Tool;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder that a file of settings names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Configured {
    /// The file of settings.
    pub(super) file: &'static str,
    pub(super) folder: PathBuf,
}

/// Where one file of a tool's settings names the folder.
struct Setting {
    tool: Tool,
    file: &'static str,
    /// None where the file has no sections.
    section: Option<&'static str>,
    key: &'static str,
    /// Turns one word of the value into a folder.
    folder: fn(&str) -> Option<String>,
}

/// In the order in which they count. Of Alembic's two keys, that of the files wins.
const SETTINGS: [Setting; 8] = [
    alembic("alembic.ini", "alembic", "version_locations", located),
    alembic("alembic.ini", "alembic", "script_location", versions),
    alembic(
        "pyproject.toml",
        "tool.alembic",
        "version_locations",
        located,
    ),
    alembic(
        "pyproject.toml",
        "tool.alembic",
        "script_location",
        versions,
    ),
    Setting {
        tool: Tool::Diesel,
        file: "diesel.toml",
        section: Some("migrations_directory"),
        key: "dir",
        folder: plain,
    },
    Setting {
        tool: Tool::Flyway,
        file: "flyway.toml",
        section: Some("flyway"),
        key: "locations",
        folder: in_file_system,
    },
    Setting {
        tool: Tool::Flyway,
        file: "flyway.conf",
        section: None,
        key: "flyway.locations",
        folder: in_file_system,
    },
    Setting {
        tool: Tool::Flyway,
        file: "conf/flyway.conf",
        section: None,
        key: "flyway.locations",
        folder: in_file_system,
    },
];

const fn alembic(
    file: &'static str,
    section: &'static str,
    key: &'static str,
    folder: fn(&str) -> Option<String>,
) -> Setting {
    Setting {
        tool: Tool::Alembic,
        file,
        section: Some(section),
        key,
        folder,
    }
}

/// The folder that the settings below `root` name; of several the one that they have in common.
pub(super) fn configured(tool: Tool, root: &Path) -> Option<Configured> {
    let settings = SETTINGS.iter().filter(|it| it.tool == tool);
    let mut found = settings.filter_map(|setting| {
        let text = fs::read_to_string(root.join(setting.file)).ok()?;
        let value = value(&text, setting.section, setting.key)?;
        // Alembic also takes the separator of the system's paths between folders.
        let value = value.replace(":%(here)s", " %(here)s");
        let folders: Vec<PathBuf> = words(&value)
            .filter_map(setting.folder)
            .map(|folder| root.join(folder))
            .collect();
        Some(Configured {
            file: setting.file,
            folder: common(&folders)?,
        })
    });
    found.next()
}

/// What a key is given in a section of an INI or TOML file, further lines of the same value included.
fn value(text: &str, section: Option<&str>, key: &str) -> Option<String> {
    let mut current = None;
    let mut found: Option<String> = None;
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if let Some(value) = &mut found {
            let goes_on = line.starts_with([' ', '\t']) || bare.starts_with(']');
            if !goes_on {
                break;
            }
            value.push('\n');
            value.push_str(bare);
            continue;
        }
        if let Some(name) = bare.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            current = Some(name.trim());
            continue;
        }
        let named = bare.split_once(['=', ':']);
        if let Some((_, value)) = named.filter(|(name, _)| name.trim() == key)
            && (section.is_none() || section == current)
        {
            found = Some(String::from(value.trim()));
        }
    }
    found.filter(|value| !value.is_empty())
}

/// The words of a value: a list in brackets, or what spaces, lines and commas separate.
fn words(value: &str) -> impl Iterator<Item = &str> {
    let separates =
        |letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '[' | ']');
    let words = value
        .split(separates)
        .map(|it| it.trim_matches(['"', '\'']));
    words.filter(|it| !it.is_empty())
}

/// The folder itself, or the nearest that all of them lie in.
fn common(folders: &[PathBuf]) -> Option<PathBuf> {
    let (first, rest) = folders.split_first()?;
    let mut above = first.ancestors();
    let found = above.find(|it| rest.iter().all(|folder| folder.starts_with(it)))?;
    (!found.as_os_str().is_empty()).then(|| found.to_path_buf())
}

fn plain(word: &str) -> Option<String> {
    Some(String::from(word))
}

/// `%(here)s` is the folder of the file; a package is the folder of its name.
fn located(word: &str) -> Option<String> {
    let word = word.replace("%%", "%");
    if let Some(below) = word.strip_prefix("%(here)s") {
        return Some(String::from(below.trim_start_matches('/')));
    }
    Some(match word.split_once(':') {
        Some((package, below)) if !package.contains('/') => {
            format!("{}/{below}", package.replace('.', "/"))
        }
        _ => word,
    })
}

/// The revisions lie in a folder of the scripts.
fn versions(word: &str) -> Option<String> {
    located(word).map(|scripts| format!("{}/versions", scripts.trim_end_matches('/')))
}

/// What is on the class path is in the sources of a Java project.
fn in_file_system(word: &str) -> Option<String> {
    match word.split_once(':') {
        Some(("filesystem", folder)) => Some(String::from(folder)),
        Some(("classpath", folder)) => Some(format!(
            "src/main/resources/{}",
            folder.trim_start_matches('/')
        )),
        Some(_) => None,
        None => Some(format!("src/main/resources/{word}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_read_from_the_tools_own_settings() {
        let check = |tool, file: &'static str, text: &str, expected: Option<&str>| {
            let root = tempfile::tempdir().expect("a folder");
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
            let found = configured(tool, root.path());
            let folder = expected.map(|it| root.path().join(it));
            assert_eq!(
                found,
                folder.map(|folder| Configured { file, folder }),
                "{text}"
            );
        };
        let ini = |line: &str| {
            format!("[loggers]\nkeys = x\n\n[alembic]\n# script_location = no\n{line}\n\n[post]\n")
        };
        let alembic = |line: &str, expected| {
            check(Tool::Alembic, "alembic.ini", &ini(line), Some(expected));
        };
        alembic("script_location = db/schema", "db/schema/versions");
        alembic(
            "script_location = %(here)s/db/schema/",
            "db/schema/versions",
        );
        alembic("script_location=my.app:schema", "my/app/schema/versions");
        alembic(
            "script_location = a\nversion_locations = %(here)s/a/one\n  %(here)s/a/two\nx = y",
            "a",
        );
        alembic("version_locations = %(here)s/b/one:%(here)s/b/two", "b");
        check(
            Tool::Alembic,
            "alembic.ini",
            "[alembic]\nsqlalchemy.url = x\n",
            None,
        );
        check(
            Tool::Sqlx,
            "alembic.ini",
            "[alembic]\nscript_location = a\n",
            None,
        );
        let pyproject = "[tool.alembic]\nscript_location = \"%(here)s/schema\"\n";
        check(
            Tool::Alembic,
            "pyproject.toml",
            pyproject,
            Some("schema/versions"),
        );
        let diesel = "[print_schema]\nfile = \"x\"\n[migrations_directory]\ndir = \"db\"\n";
        check(Tool::Diesel, "diesel.toml", diesel, Some("db"));
        let flyway = "flyway.url=jdbc:x\nflyway.locations=filesystem:database/sql\n";
        check(Tool::Flyway, "flyway.conf", flyway, Some("database/sql"));
        let toml = "[flyway]\nlocations = [\n  \"filesystem:a/b\",\n]\n";
        check(Tool::Flyway, "flyway.toml", toml, Some("a/b"));
    }
}
