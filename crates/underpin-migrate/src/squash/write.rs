//! Puts the one file into the place of the many.

use super::Squash;
use crate::{Error, files};
use std::fs;
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;

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
            let beside = folder.join(format!(".{stem}.{direction}.sql.new"));
            fs::write(&beside, text).map_err(|error| failed("write", &beside, error))?;
            written.push((beside, path));
        }
        for old in &self.old_files {
            fs::remove_file(old).map_err(|error| failed("remove", old, error))?;
        }
        for (beside, path) in &written {
            fs::rename(beside, path).map_err(|error| failed("rename", beside, error))?;
        }
        files::update_sum(folder)?;
        Ok(written.into_iter().map(|(_, path)| path).collect())
    }
}

fn failed(verb: &str, path: &Path, error: std::io::Error) -> Error {
    let message = format!("could not {verb} {}", path.display());
    Error::new(ErrorKind::Io, message)
        .with_hint("look at the folder and its permissions; the old files are in version control")
        .with_source(error)
}
