//! What a tool's folder holds.

use crate::Error;
use crate::files::Place;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use underpin_core::ErrorKind;

/// Deepest nesting of folders that is looked into, for the tools that look into folders at all.
const DEPTH_MAX: usize = 8;

/// Longest name that is kept of a tool's own.
const SLUG_LENGTH_MAX: usize = 100;

/// The largest number that fourteen digits hold.
pub(super) const VERSION_MAX: i64 = 99_999_999_999_999;

/// The migrations of a tool.
#[derive(Debug, Default)]
pub(super) struct Project {
    /// In the order in which the tool runs them.
    pub(super) changes: Vec<Change>,
    /// What a person should know of what was found.
    pub(super) notes: Vec<String>,
}

/// One migration of a tool.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// As the tool's table names it.
    pub(super) key: String,
    /// Its file, relative to the folder: what it is recorded under.
    pub(super) name: String,
    /// The same, to be shown and to be opened.
    pub(super) file: PathBuf,
    /// The version that it should have; a later one when that is taken.
    pub(super) base: i64,
    /// What it does, in words.
    pub(super) slug: String,
    /// The way forward; None when it is not SQL.
    pub(super) up: Option<String>,
    /// The way back.
    pub(super) down: Option<String>,
    /// The keys of those that it follows, where the tool's files say so.
    pub(super) parents: Vec<String>,
}

impl Project {
    /// The migration that the tool's table names so.
    pub(super) fn get(&self, key: &str) -> Option<&Change> {
        self.changes.iter().find(|it| it.key == key)
    }

    /// In the order of their versions, then of their names.
    pub(super) fn sort(&mut self) {
        self.changes
            .sort_by(|one, other| (one.base, &one.name).cmp(&(other.base, &other.name)));
    }

    /// Adds the way forward to a migration whose way back may be there already.
    pub(super) fn add(&mut self, change: Change) {
        let entry = self.entry(&change.key);
        let down = entry.down.take();
        *entry = Change { down, ..change };
    }

    /// The migration of a file that may be one of two: forward and back.
    pub(super) fn entry(&mut self, key: &str) -> &mut Change {
        let index = match self.changes.iter().position(|it| it.key == key) {
            Some(index) => index,
            None => {
                self.changes.push(Change {
                    key: key.to_owned(),
                    ..Change::default()
                });
                self.changes.len() - 1
            }
        };
        &mut self.changes[index]
    }
}

/// A file of a tool.
#[derive(Debug)]
pub(super) struct Found {
    /// Relative to the folder.
    pub(super) name: String,
    pub(super) path: PathBuf,
}

impl Found {
    /// The file's name without its folders.
    pub(super) fn base_name(&self) -> &str {
        self.name
            .rsplit_once('/')
            .map_or(self.name.as_str(), |(_, name)| name)
    }

    /// Its text, byte for byte: tools make checksums of it.
    pub(super) fn read(&self) -> Result<String, Error> {
        let bytes = fs::read(&self.path).map_err(|error| unreadable(&self.path, error))?;
        String::from_utf8(bytes).map_err(|error| {
            let file = Arc::from(self.path.display().to_string());
            Error::bad_input(&Place::file(&file), "not UTF-8")
                .with_hint("save the file as UTF-8")
                .with_source(error)
        })
    }
}

/// A file of SQL whose name begins with a number.
#[derive(Debug)]
pub(super) struct Numbered {
    pub(super) digits: String,
    /// What stands between the number and `.sql`.
    pub(super) rest: String,
    pub(super) found: Found,
}

impl Numbered {
    /// The number as a table's text: without leading zeros.
    pub(super) fn key(&self) -> &str {
        match self.digits.trim_start_matches('0') {
            "" => "0",
            key => key,
        }
    }

    /// As the way forward of a migration of this name.
    pub(super) fn into_change(self, words: &str, up: String) -> Change {
        Change {
            key: self.key().to_owned(),
            base: base_of(&self.digits),
            slug: slug_of(words),
            name: self.found.name,
            file: self.found.path,
            up: Some(up),
            ..Change::default()
        }
    }
}

/// The files of SQL right in a folder whose names begin with a number, by name.
pub(super) fn numbered(folder: &Path) -> Result<Vec<Numbered>, Error> {
    let numbered = files(folder, false)?.into_iter().filter_map(|found| {
        let (digits, rest) = leading_digits(found.name.strip_suffix(".sql")?)?;
        let (digits, rest) = (digits.to_owned(), rest.to_owned());
        Some(Numbered {
            digits,
            rest,
            found,
        })
    });
    Ok(numbered.collect())
}

/// The files of a folder by name, hidden ones left out; with those of its folders when `deep`.
pub(super) fn files(folder: &Path, deep: bool) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    walk(folder, "", if deep { DEPTH_MAX } else { 1 }, &mut found)?;
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Found>) -> Result<(), Error> {
    let Some(depth) = depth.checked_sub(1) else {
        return Ok(());
    };
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            walk(&path, &format!("{name}/"), depth, found)?;
        } else {
            found.push(Found { name, path });
        }
    }
    Ok(())
}

pub(super) fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("could not read {}", path.display())).with_source(error)
}

/// The version of digits: the number they are, or, of more than fourteen, what the first fourteen are.
pub(super) fn base_of(digits: &str) -> i64 {
    let digits = digits.trim_start_matches('0');
    let kept = digits.get(..14).unwrap_or(digits);
    kept.parse().unwrap_or(0)
}

/// Splits leading digits from the rest.
pub(super) fn leading_digits(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// A tool's name of a migration as our file names take it.
pub(super) fn slug_of(text: &str) -> String {
    let words: Vec<_> = text
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .filter(|word| !word.is_empty())
        .collect();
    let mut slug = words.join("_");
    slug.truncate(SLUG_LENGTH_MAX);
    let slug = slug.trim_matches(['_', '-']);
    String::from(if slug.is_empty() { "migration" } else { slug })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_become_a_version_that_keeps_their_order() {
        let check = |digits, expected| assert_eq!(base_of(digits), expected, "{digits}");
        check("1", 1);
        check("000012", 12);
        check("20240501120000", 20_240_501_120_000);
        check("202405011200001234", 20_240_501_120_000);
        check("0", 0);
    }

    #[test]
    fn names_become_slugs() {
        let check = |name, expected| assert_eq!(slug_of(name), expected, "{name}");
        check("create users", "create_users");
        check("Add-Index (v2)!", "Add-Index_v2");
        check("__", "migration");
        check("", "migration");
    }
}
