//! The places where PostgreSQL's binaries may be, in order of preference.

use crate::account::Account;
use crate::program;
use crate::{files, install, places};
use std::path::{Path, PathBuf};

/// A folder worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    /// Why it was looked at, for messages.
    pub(crate) origin: &'static str,
}

/// Folders that hold one folder a major version, and the folder of programs in that.
const VERSIONED: [(&str, &str, &str); 8] = [
    ("/usr/lib/postgresql", "bin", "Debian, Ubuntu"),
    ("/usr", "bin", "Fedora, RHEL"),
    ("/usr/libexec/postgresql", "", "Alpine"),
    ("/usr/local/pgsql", "bin", "built from source"),
    ("/opt/homebrew/opt", "bin", "Homebrew"),
    ("/usr/local/opt", "bin", "Homebrew"),
    ("/home/linuxbrew/.linuxbrew/opt", "bin", "Homebrew"),
    (
        "/Applications/Postgres.app/Contents/Versions",
        "bin",
        "Postgres.app",
    ),
];

/// How the folder of a major version may be called; `{}` stands for the number.
const NAMES: [&str; 6] = [
    "{}",
    "pgsql-{}",
    "postgresql{}",
    "postgresql@{}",
    "",
    "postgresql",
];

/// Every place in order, each folder once. Places that are not there are kept only where they help a message.
pub(crate) fn places(cache_dir: Option<&Path>, account: &Account) -> Vec<Place> {
    let mut all: Vec<Place> = Vec::new();
    let mut add = |folder: PathBuf, origin| {
        if !all.iter().any(|place| place.folder == folder) {
            all.push(Place { folder, origin });
        }
    };
    for folder in places::path_folders() {
        add(folder, "PATH");
    }
    if let Some(folder) = pg_config_folder(account) {
        add(folder, "pg_config --bindir");
    }
    for (parent, below, origin) in VERSIONED {
        for folder in version_folders(Path::new(parent), below) {
            add(folder, origin);
        }
    }
    for folder in cache_dir.map(install::unpacked_folders).unwrap_or_default() {
        add(folder, "underpin db install");
    }
    all
}

/// Asked as the account: the program may be anybody's.
fn pg_config_folder(account: &Account) -> Option<PathBuf> {
    let mut programs = places::path_folders()
        .into_iter()
        .map(|folder| folder.join("pg_config"));
    let mut pg_config = account.command(&programs.find(|program| files::is_program(program))?);
    let output = program::ask(pg_config.arg("--bindir"));
    let output = output.ok().filter(|output| output.status.success())?;
    let folder = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(folder.trim())).filter(|folder| folder.is_absolute())
}

/// The folders of programs below `parent`, newest major first.
fn version_folders(parent: &Path, below: &str) -> Vec<PathBuf> {
    let majors = crate::SUPPORTED_MAJORS.rev();
    let numbered = majors.flat_map(|major| {
        NAMES[..4]
            .iter()
            .map(move |name| name.replace("{}", &major.to_string()))
    });
    let unnumbered = NAMES[4..].iter().map(|name| String::from(*name));
    let folders = numbered
        .chain(unnumbered)
        .map(|name| parent.join(name).join(below));
    folders
        .filter(|folder| files::exists(&folder.join("postgres")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_folders_come_newest_first_and_only_when_they_hold_postgres() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["14", "pgsql-18", "postgresql@17"] {
            let folder = parent.path().join(name).join("bin");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("postgres"), "").unwrap();
        }
        std::fs::create_dir_all(parent.path().join("16/bin")).unwrap();
        let found = version_folders(parent.path(), "bin");
        let expected: Vec<_> = ["pgsql-18/bin", "postgresql@17/bin", "14/bin"]
            .map(|name| parent.path().join(name))
            .into();
        assert_eq!(found, expected);
    }
}
