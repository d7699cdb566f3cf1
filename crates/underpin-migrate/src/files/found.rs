//! The files of a folder, on disk or embedded, as they are found.

use super::name::{FileName, is_sql};
use super::{Place, Script};
use crate::Error;
use include_dir::Dir;
use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use underpin_core::ErrorKind;

/// A file that was found, not yet read as SQL.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) file: Arc<str>,
    pub(super) bytes: Cow<'static, [u8]>,
}

impl Found {
    pub(super) fn read(self) -> Result<(FileName, Script), Error> {
        let name = self.name.parse().map_err(|wrong| {
            Error::bad_input(&Place::file(&self.file), format!("not the name of a migration: {wrong}")).with_hint(
                "a migration is a pair of files, 20240501120000_add_users.up.sql and 20240501120000_add_users.down.sql; \
                 `underpin migrate new add_users` writes them",
            )
        })?;
        Ok((name, Script::read(self.file, &self.bytes)?))
    }
}

/// The `.sql` files of a folder, in any order.
pub(super) fn found_in(folder: &Path) -> Result<Vec<Found>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| no_folder(folder, error))? {
        let entry = entry.map_err(|error| unreadable(&folder.display().to_string(), error))?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link to nowhere is an error: it would be a migration that nobody misses.
        if is_sql(&name) && !path.is_dir() {
            let file: Arc<str> = Arc::from(path.display().to_string());
            let bytes = fs::read(&path).map_err(|error| unreadable(&file, error))?;
            files.push(Found {
                name,
                file,
                bytes: bytes.into(),
            });
        }
    }
    Ok(files)
}

/// The `.sql` files of an embedded folder.
pub(super) fn embedded_in(folder: &Dir<'static>) -> Vec<Found> {
    let files = folder.files().filter_map(|file| {
        let name = file.path().file_name()?.to_string_lossy().into_owned();
        is_sql(&name).then(|| Found {
            file: Arc::from(format!("<built in>/{name}")),
            name,
            bytes: file.contents().into(),
        })
    });
    files.collect()
}

fn no_folder(folder: &Path, error: std::io::Error) -> Error {
    if error.kind() != std::io::ErrorKind::NotFound {
        return unreadable(&folder.display().to_string(), error);
    }
    let message = format!("there is no folder {}", folder.display());
    Error::new(ErrorKind::NotFound, message)
        .with_hint("name the folder with --dir; `underpin migrate new NAME` makes it")
        .with_source(error)
}

pub(super) fn unreadable(file: &str, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("could not read {file}")).with_source(error)
}
