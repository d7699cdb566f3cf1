//! The sum file of a folder: what its files mean, a line a file, under one line for all of them.
//!
//! Two branches that add a migration each change its first line both, so they meet in version control and not in a
//! database. A folder has it from the first `underpin migrate sum` on, and is read by other tools as before.

use super::Chain;
use super::found::unreadable;
use crate::{Error, Hash, checksum};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use underpin_core::{ErrorKind, file};

/// Its name.
pub const SUM_FILE: &str = "underpin.sum";

/// An error names at most this many files.
const NAMED_MAX: usize = 5;

/// How each checksum begins.
const ALGORITHM: &str = "sha256:";

/// A sum file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summed {
    /// Where it is.
    pub path: PathBuf,
    /// How many files it names.
    pub files: usize,
    /// The checksum of all of them.
    pub sum: Hash,
    /// What differs from the one that was there before; nothing when there was none that could be read.
    pub changes: Vec<Change>,
}

/// What became of a file since the sum file was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Change {
    /// It is new.
    Added {
        /// Its name in the folder.
        file: String,
    },
    /// Its meaning is another.
    Changed {
        /// Its name in the folder.
        file: String,
    },
    /// It is gone.
    Removed {
        /// Its name in the folder.
        file: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added { file } => write!(f, "{file} was added"),
            Self::Changed { file } => write!(f, "{file} was changed"),
            Self::Removed { file } => write!(f, "{file} was removed"),
        }
    }
}

/// Writes the sum file of a folder, whatever it said before.
///
/// From then on [`Chain::from_dir`] refuses the folder when a file is added, removed or changed in its meaning without
/// this being called again; line ends, comments and layout do not count. [`create`](super::create()),
/// [`Squash::write`](crate::squash::Squash::write) and [`adopt`](crate::adopt::adopt) keep it up to date.
///
/// # Errors
/// The errors of [`Chain::from_dir`]; [`ErrorKind::Io`] when it cannot be written.
///
/// # Example
/// ```
/// use underpin_migrate::{Chain, files};
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("20240501120000_notes.up.sql");
/// std::fs::write(&file, "CREATE TABLE notes (id uuid PRIMARY KEY);")?;
/// assert_eq!(files::write_sum(folder.path())?.files, 1);
///
/// std::fs::write(&file, "CREATE TABLE notes (id bigint PRIMARY KEY);")?;
/// let error = Chain::from_dir("app", folder.path()).unwrap_err();
/// assert!(error.to_string().ends_with("20240501120000_notes.up.sql was changed"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_sum(folder: &Path) -> Result<Summed, Error> {
    let sums = Sums::of(&Chain::unsummed("app", folder)?);
    let path = folder.join(SUM_FILE);
    let before = match Sums::read(&path) {
        Err(error) if error.kind() == ErrorKind::Io => return Err(error),
        before => before.ok().flatten(),
    };
    file::replace(&path, sums.to_string().as_bytes()).map_err(|error| {
        let message = format!("could not write {}", path.display());
        Error::new(ErrorKind::Io, message).with_source(error)
    })?;
    Ok(Summed {
        path,
        files: sums.0.len(),
        sum: sums.total(),
        changes: before.map_or_else(Vec::new, |before| before.changes(&sums)),
    })
}

/// Writes it again after files were written, when the folder has one.
pub(crate) fn update_sum(folder: &Path) -> Result<(), Error> {
    if folder.join(SUM_FILE).exists() {
        write_sum(folder)?;
    }
    Ok(())
}

/// Holds a folder against its sum file before files are written into it.
pub(crate) fn check_if_summed(folder: &Path) -> Result<(), Error> {
    if folder.join(SUM_FILE).exists() {
        Chain::from_dir("app", folder)?;
    }
    Ok(())
}

/// Holds the files of a folder against its sum file, when it has one.
pub(super) fn check(folder: &Path, chain: &Chain) -> Result<(), Error> {
    let path = folder.join(SUM_FILE);
    let Some(sums) = Sums::read(&path)? else {
        return Ok(());
    };
    let changes = sums.changes(&Sums::of(chain));
    if changes.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = changes
        .iter()
        .take(NAMED_MAX)
        .map(Change::to_string)
        .collect();
    let mut message = format!(
        "the files are not those of {}: {}",
        path.display(),
        named.join(", ")
    );
    if changes.len() > NAMED_MAX {
        let _ = write!(message, ", and {} more", changes.len() - NAMED_MAX);
    }
    Err(Error::conflict(message).with_hint(
        "look at what was edited or merged; when the files are as they should be, `underpin migrate sum` says so",
    ))
}

/// Name and checksum of each file.
#[derive(Debug, PartialEq, Eq)]
struct Sums(BTreeMap<String, String>);

impl Sums {
    fn of(chain: &Chain) -> Self {
        let files = chain.files();
        Self(
            files
                .map(|(name, script)| (name, script.meaning_hash().to_string()))
                .collect(),
        )
    }

    /// None when there is no file.
    fn read(path: &Path) -> Result<Option<Self>, Error> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|error| unreadable(&path.display().to_string(), error))?,
        };
        let mut lines = text.lines();
        let total = lines.next().and_then(|line| line.strip_prefix(ALGORITHM));
        let mut sums = BTreeMap::new();
        for (line, number) in text.lines().zip(1..) {
            if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
                .iter()
                .any(|mark| line.starts_with(mark))
            {
                let what = format!(
                    "{}:{number} has the marks of an unfinished merge",
                    path.display()
                );
                return Err(unusable(what));
            }
            let file = line.rsplit_once(' ');
            match file.and_then(|(file, sum)| Some((file, sum.strip_prefix(ALGORITHM)?))) {
                Some((file, sum)) => drop(sums.insert(file.to_owned(), sum.to_owned())),
                None if number == 1 && total.is_some() => {}
                None => {
                    let what = format!("{}:{number} is no line of a sum file", path.display());
                    return Err(unusable(what));
                }
            }
        }
        let sums = Self(sums);
        if total != Some(sums.total().to_string().as_str()) {
            let what = format!(
                "the first line of {} does not fit the others",
                path.display()
            );
            return Err(unusable(what));
        }
        Ok(Some(sums))
    }

    fn total(&self) -> Hash {
        checksum::raw(self.lines().as_bytes())
    }

    fn lines(&self) -> String {
        let Self(sums) = self;
        sums.iter().fold(String::new(), |mut lines, (file, sum)| {
            let _ = writeln!(lines, "{file} {ALGORITHM}{sum}");
            lines
        })
    }

    /// What was done to come from these to others.
    fn changes(&self, now: &Self) -> Vec<Change> {
        let Self(before) = self;
        let Self(now) = now;
        let gone = before.keys().filter(|file| !now.contains_key(*file));
        let gone = gone.map(|file| Change::Removed { file: file.clone() });
        let others = now.iter().filter_map(|(file, sum)| {
            let file = file.clone();
            match before.get(&file) {
                None => Some(Change::Added { file }),
                Some(before) if before != sum => Some(Change::Changed { file }),
                Some(_) => None,
            }
        });
        gone.chain(others).collect()
    }
}

/// The file as it is written.
impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{ALGORITHM}{}", self.total())?;
        f.write_str(&self.lines())
    }
}

fn unusable(what: String) -> Error {
    Error::conflict(what).with_hint(
        "look at whether the migrations of both branches go together, then write it anew with `underpin migrate sum`",
    )
}

#[cfg(test)]
mod tests;
