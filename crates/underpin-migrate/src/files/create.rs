//! Writes the files of a new migration.

use super::{Chain, Slug, Version};
use crate::Error;
use serde::Serialize;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;

/// The files of a new migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Created {
    /// Its version: now, or the newest one of the folder plus one.
    pub version: Version,
    /// The file to write the way forward in.
    pub up: PathBuf,
    /// The file to write the way back in.
    pub down: PathBuf,
}

/// Writes an empty pair of files into a folder, which is made when it is not there. Overwrites nothing.
///
/// # Errors
/// [`ErrorKind::Io`] when the files cannot be written, and the errors of [`Chain::from_dir`] when the folder holds a
/// chain that cannot be read: a new file would not mend it.
pub fn create(folder: &Path, slug: &Slug) -> Result<Created, Error> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    let chain = Chain::from_dir("app", folder)?;
    let newest = chain.migrations().last().map(|it| it.version);
    let version = newest.map_or_else(Version::now, |newest| Version::now().max(newest.next()));
    let path = |direction: &str| folder.join(format!("{version}_{slug}.{direction}.sql"));
    let created = Created {
        version,
        up: path("up"),
        down: path("down"),
    };
    let words = slug.as_str().replace('_', " ");
    write_new(&created.up, &format!("-- {words}\n"))?;
    write_new(&created.down, &format!("-- undo: {words}\n"))?;
    Ok(created)
}

fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| unwritable(path, error))
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("could not write {}", path.display())).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(text: &str) -> Slug {
        text.parse().expect(text)
    }

    #[test]
    fn a_new_pair_is_a_valid_chain_and_later_than_the_rest() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let folder = folder.path().join("new/migrations");
        let first = create(&folder, &slug("add_users")).expect("first");
        let second = create(&folder, &slug("add_users")).expect("second, in the same second");
        assert!(second.version > first.version);
        assert!(
            first
                .up
                .ends_with(format!("{}_add_users.up.sql", first.version))
        );
        let chain = Chain::from_dir("app", &folder).expect("valid");
        assert_eq!(chain.migrations().len(), 2);
        assert!(chain.migrations().iter().all(|it| it.down.is_some()));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let error = create(Path::new("/proc/no/such"), &slug("x")).expect_err("not writable");
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("/proc/no/such"), "{error}");
    }
}
