//! Puts the one file into the place of the many.

use super::Squash;
use crate::{Error, files};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;
use underpin_core::file::Unfinished;

impl Squash {
    /// Writes it into the folder of its migrations and removes the files that it replaces.
    ///
    /// The new files are written first, under names that no chain reads; a failure leaves the old ones, or, after the first
    /// was removed, both in version control and beside each other.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], naming the file.
    pub fn write(&self, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let stem = format!("{}_{}", self.version, self.slug);
        let mut written = Vec::new();
        for (direction, text) in [("up", Some(&self.up)), ("down", self.down.as_ref())] {
            let Some(text) = text else {
                continue;
            };
            let path = folder.join(format!("{stem}.{direction}.sql"));
            let mut file =
                Unfinished::begin(&path).map_err(|error| failed("write", &path, error))?;
            file.write_all(text.as_bytes())
                .map_err(|error| failed("write", &path, error))?;
            written.push((file, path));
        }
        for old in &self.old_files {
            fs::remove_file(old).map_err(|error| failed("remove", old, error))?;
        }
        let mut paths = Vec::new();
        for (file, path) in written {
            file.finish()
                .map_err(|error| failed("put into place", &path, error))?;
            paths.push(path);
        }
        files::update_sum(folder)?;
        Ok(paths)
    }
}

fn failed(verb: &str, path: &Path, error: std::io::Error) -> Error {
    let message = format!("could not {verb} {}", path.display());
    Error::new(ErrorKind::Io, message)
        .with_hint("look at the folder and its permissions; the old files are in version control")
        .with_source(error)
}
