//! `underpin.toml`, flattened to `section.key` with the line of each value.
//!
//! Read with `toml` itself, not through `figment`: figment remembers which file a value came from, but not the line.

use super::problem::Problem;
use crate::trust::{self, Distrust};
use rustix::fs::OFlags;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// No file of settings is longer.
const BYTES_MAX: u64 = 1024 * 1024;

/// The values of a settings file.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) path: PathBuf,
    pub(super) values: BTreeMap<String, Value>,
    /// Tables and the line each starts on; an empty one has no values to show for it.
    pub(super) tables: BTreeMap<String, usize>,
}

/// A value as text: what would be written into an environment variable.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) line: usize,
}

/// Reads a file as text; `None` when there is none.
///
/// As root only a file that nobody else can change: settings name programs to run and files to write.
pub(super) fn read(path: &Path) -> Result<Option<String>, Problem> {
    let mut text = String::new();
    // Looked at before it is opened: what nobody else can change stays the file that was looked at.
    let opened = match trust::is_root().then(|| trust::check(path)).transpose() {
        Ok(Some(Some(doubt))) => return Err(distrusted(path, &doubt)),
        Ok(_) => open(path),
        Err(error) => Err(error),
    };
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Problem::unreadable(path, error)),
    };
    let read = file.take(BYTES_MAX + 1).read_to_string(&mut text);
    let length = read.map_err(|error| Problem::unreadable(path, error))?;
    if u64::try_from(length).is_ok_and(|length| length > BYTES_MAX) {
        let message = format!("{} is longer than {BYTES_MAX} bytes", path.display());
        return Err(Problem::new(message).with_hint("this is not a file of settings"));
    }
    Ok(Some(text))
}

/// Does not wait: opening a named pipe would hang until somebody writes into it.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = options.read(true).custom_flags(nonblocking).open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("this is not a regular file"))
    }
}

fn distrusted(path: &Path, doubt: &Distrust) -> Problem {
    let message = format!(
        "root does not read {}, because others can change it: {doubt}",
        path.display()
    );
    Problem::new(message).with_hint(format!(
        "run underpin as the user that the file belongs to, or put the settings into the environment; if the file is \
         to be believed, take the right away: {}",
        doubt.remedy()
    ))
}

/// Takes a file apart.
pub(super) fn parse(path: &Path, text: &str) -> Result<Settings, Problem> {
    let table = DeTable::parse(text).map_err(|error| {
        // The error's own Display repeats the line, which may hold a password.
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let message = format!("{} line {line}: {}", path.display(), error.message());
        Problem::new(message).with_hint(
            "the file is TOML: [section] on a line, below it key = value, text in quotes",
        )
    })?;
    let mut settings = Settings {
        path: path.to_path_buf(),
        ..Settings::default()
    };
    settings.flatten(text, "", table.get_ref());
    Ok(settings)
}

impl Settings {
    fn flatten(&mut self, text: &str, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = match section {
                "" => name.get_ref().to_string(),
                section => format!("{section}.{}", name.get_ref()),
            };
            let line = line_of(text, name.span().start);
            match value.get_ref() {
                DeValue::Table(table) => {
                    self.flatten(text, &key, table);
                    self.tables.insert(key, line);
                }
                value => {
                    let text = plain(value);
                    self.values.insert(key, Value { text, line });
                }
            }
        }
    }
}

fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) if number.radix() == 10 => number.to_string(),
        DeValue::Integer(number) => format!("{number} in base {}", number.radix()),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(value) => value.to_string(),
        DeValue::Array(values) => {
            let texts: Vec<_> = values.iter().map(|value| plain(value.get_ref())).collect();
            texts.join(",")
        }
        DeValue::Table(_) => String::from("{…}"),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    1 + before.filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_text_with_their_line() {
        let text = "environment = \"development\"\n[pool]\nsize = 1_0\ntimeout = 2.5\n\n[server]\n\
            allowed_origins = [\n  \"http://a\",\n  \"http://b\",\n]\nlog.x = true\n[empty]\n";
        let settings = parse(Path::new("u.toml"), text).unwrap();
        let values: Vec<_> = settings
            .values
            .iter()
            .map(|(key, value)| (key.as_str(), value.text.as_str(), value.line))
            .collect();
        assert_eq!(
            values,
            [
                ("environment", "development", 1),
                ("pool.size", "10", 3),
                ("pool.timeout", "2.5", 4),
                ("server.allowed_origins", "http://a,http://b", 7),
                ("server.log.x", "true", 11),
            ]
        );
        assert_eq!(settings.tables["empty"], 12);
    }

    #[test]
    fn a_syntax_error_names_the_line_and_not_its_text() {
        let text = "[database]\nurl = \"postgres://u:hunter2@h/d\n";
        let problem = parse(Path::new("u.toml"), text).unwrap_err();
        let shown = format!("{problem:?}");
        assert!(shown.contains("\"u.toml line 2: "), "{shown}");
        assert!(!shown.contains("hunter2"));
    }
}
