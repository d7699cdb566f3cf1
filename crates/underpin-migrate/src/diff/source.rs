//! Where a schema comes from.

use crate::files::Place;
use crate::{Chain, Error};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use underpin_core::ErrorKind;
use underpin_pool::Options;
use underpin_schema::{Rename, Schema};

/// Where a schema comes from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Source {
    /// The models of a program, and what they say was renamed.
    Models(Box<Schema>, Vec<Rename>),
    /// What all migrations of a chain make.
    Migrations(Chain),
    /// What SQL files make, one after the other.
    Files(Vec<SqlFile>),
    /// A live database. It is only read.
    Database(Box<Options>),
    /// Several, one after the other in the same database.
    Several(Vec<Source>),
}

/// A file of SQL.
#[derive(Debug, Clone)]
pub struct SqlFile {
    pub(super) name: Arc<str>,
    pub(super) text: String,
}

impl SqlFile {
    /// SQL that is not in a file; `name` names it in errors.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        Self { name, text }
    }
}

impl Source {
    /// One `.sql` file, or those of a folder in the order of their names. Of a folder of migrations `.down.sql` files are
    /// left out.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when it cannot be read; [`ErrorKind::NotFound`] when a folder has no such file.
    pub fn file(path: &Path) -> Result<Self, Error> {
        let paths = if path.is_dir() {
            let paths = folder(path)?;
            if paths.is_empty() {
                let message = format!("no .sql file in {}", path.display());
                return Err(Error::new(ErrorKind::NotFound, message)
                    .with_hint("name a file, or a folder of files that end in .sql"));
            }
            paths
        } else {
            vec![path.to_owned()]
        };
        let files: Result<Vec<SqlFile>, Error> = paths.iter().map(|path| read(path)).collect();
        Ok(Self::Files(files?))
    }
}

fn folder(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, error))?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(path, error))?.path();
        let name = entry
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if name.ends_with(".sql") && !name.ends_with(".down.sql") {
            paths.push(entry);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<SqlFile, Error> {
    let name: Arc<str> = path.display().to_string().into();
    let bytes = fs::read(path).map_err(|error| unreadable(path, error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Error::bad_input(&Place::file(&name), "not UTF-8")
            .with_hint("save the file as UTF-8")
            .with_source(error)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    Ok(SqlFile { name, text })
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("could not read {}", path.display()))
        .with_source(error)
        .with_hint("name a .sql file, or a folder of them")
}
