//! Writes the files of a new migration.

use super::{Chain, Slug, Version, update_sum};
use crate::Error;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use underpin_core::{ErrorKind, file};

/// The files of a new migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Created {
    /// Its version: now, or a second after the newest of the folder.
    pub version: Version,
    /// The file to write the way forward in.
    pub up: PathBuf,
    /// The file to write the way back in.
    pub down: PathBuf,
}

/// What is written into the files of a new migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The way forward.
    pub up: String,
    /// The way back.
    pub down: String,
}

impl Text {
    /// Nothing but a comment, to be filled by hand.
    #[must_use]
    pub fn empty(slug: &Slug) -> Self {
        let words = slug.words();
        Self {
            up: format!("-- {words}\n"),
            down: format!("-- undo: {words}\n"),
        }
    }
}

/// Writes pairs of files into a folder, which is made when it is not there. Overwrites nothing but its sum file.
///
/// The second pair is called `…_2`, and so on.
///
/// # Errors
/// [`ErrorKind::Io`] when the files cannot be written, and the errors of [`Chain::from_dir`] when the folder holds a
/// chain that cannot be read: a new file would not mend it.
pub fn create(folder: &Path, slug: &Slug, texts: &[Text]) -> Result<Vec<Created>, Error> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    let chain = Chain::from_dir("app", folder)?;
    let newest = chain.migrations().last().map(|it| it.version);
    let mut version = newest.map_or_else(Version::now, |newest| Version::now().max(newest.next()));
    let mut all = Vec::new();
    for (text, number) in texts.iter().zip(1..) {
        let stem = match number {
            1 => format!("{version}_{slug}"),
            _ => format!("{version}_{slug}_{number}"),
        };
        let path = |direction: &str| folder.join(format!("{stem}.{direction}.sql"));
        let created = Created {
            version,
            up: path("up"),
            down: path("down"),
        };
        write_new(&created.up, &text.up)?;
        write_new(&created.down, &text.down)?;
        all.push(created);
        version = version.next();
    }
    update_sum(folder)?;
    Ok(all)
}

fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    file::create_new(path, text.as_bytes()).map_err(|error| unwritable(path, error))
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
        let slug = slug("add_users");
        let create = |count| {
            let texts = vec![Text::empty(&slug); count];
            create(&folder, &slug, &texts).expect("written")
        };
        let (one, two) = (create(1), create(2));
        let (first, second, third) = (&one[0], &two[0], &two[1]);
        assert!(third.version > second.version);
        assert!(
            third
                .up
                .ends_with(format!("{}_add_users_2.up.sql", third.version))
        );
        assert!(second.version > first.version);
        assert!(
            first
                .up
                .ends_with(format!("{}_add_users.up.sql", first.version))
        );
        let chain = Chain::from_dir("app", &folder).expect("valid");
        assert_eq!(chain.migrations().len(), 3);
        assert!(chain.migrations().iter().all(|it| it.down.is_some()));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let error = create(Path::new("/proc/no/such"), &slug("x"), &[]).expect_err("not writable");
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("/proc/no/such"), "{error}");
    }
}
