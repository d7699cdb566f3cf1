//! Files that a command writes for its user, made so that nobody can lead root to another file.
//!
//! A file is written beside its target, under a name that nobody can guess and that must not be there, and renamed into
//! place when it is whole: a failure leaves the file of before. Root follows a link on the way, or in place of the target,
//! only when nobody else could have put it there.

use crate::trust;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// A file that is being written; dropped before [`finish`](Self::finish), it was never there.
#[derive(Debug)]
pub struct Unfinished {
    file: File,
    /// The temporary file and its target; None when the target is written directly.
    moves: Option<(PathBuf, PathBuf)>,
}

impl Unfinished {
    /// Begins a file that will be at `target`. A device or a pipe, such as `/dev/stdout`, is written to as it is.
    ///
    /// # Errors
    /// When the folder cannot be written to, or, as root, another user could have put a link or a pipe there.
    pub fn begin(target: &Path) -> io::Result<Self> {
        let folder = folder_of(target);
        check_links(folder)?;
        let there = match fs::symlink_metadata(target) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if there.as_ref().is_none_or(fs::Metadata::is_file) {
            return Self::beside(target, there.as_ref());
        }
        check_links(target)?;
        let found = fs::metadata(target)?;
        if found.is_file() {
            return Self::beside(&target.canonicalize()?, Some(&found));
        }
        if trust::is_root() {
            refuse(trust::check(folder)?)?;
        }
        let file = OpenOptions::new().write(true).open(target)?;
        Ok(Self { file, moves: None })
    }

    fn beside(target: &Path, before: Option<&fs::Metadata>) -> io::Result<Self> {
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let name = name.to_string_lossy();
        let beside = format!(".{name}.{}", uuid::Uuid::new_v4().simple());
        let beside = folder_of(target).join(beside);
        let file = File::create_new(&beside)?;
        let this = Self {
            file,
            moves: Some((beside, target.to_path_buf())),
        };
        if let Some(before) = before {
            let mode = Permissions::from_mode(before.mode() & 0o777);
            this.file.set_permissions(mode)?;
            // A file of a user in a folder of his own stays his.
            let folder = fs::metadata(folder_of(target))?;
            if trust::is_root() && folder.uid() == before.uid() {
                fchown(&this.file, Some(before.uid()), Some(before.gid()))?;
            }
        }
        Ok(this)
    }

    /// Puts the whole file into its place.
    ///
    /// # Errors
    /// When the file system refuses; what was in the place stays.
    pub fn finish(mut self) -> io::Result<()> {
        let Some((beside, target)) = self.moves.take() else {
            return self.file.flush();
        };
        let moved = self
            .file
            .sync_all()
            .and_then(|()| fs::rename(&beside, &target));
        if moved.is_err() {
            self.moves = Some((beside, target));
        }
        moved
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some((beside, _)) = &self.moves {
            // Best effort: the error that matters is the first one.
            let _ = fs::remove_file(beside);
        }
    }
}

/// Writes a whole file, in place of one that is there.
///
/// # Errors
/// Those of [`Unfinished::begin`] and [`Unfinished::finish`].
///
/// # Example
/// ```
/// use underpin_core::file;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("result.txt");
/// file::replace(&path, b"old")?;
/// file::replace(&path, b"new")?;
/// assert_eq!(std::fs::read(&path)?, b"new");
/// assert!(file::create_new(&path, b"other").is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = Unfinished::begin(target)?;
    file.write_all(bytes)?;
    file.finish()
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// [`AlreadyExists`](io::ErrorKind::AlreadyExists), and those of [`replace`].
pub fn create_new(target: &Path, bytes: &[u8]) -> io::Result<()> {
    check_links(folder_of(target))?;
    File::create_new(target)?.write_all(bytes)
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => target,
    }
}

fn check_links(path: &Path) -> io::Result<()> {
    match trust::is_root() {
        true => refuse(trust::check_links(path)?),
        false => Ok(()),
    }
}

fn refuse(doubt: Option<trust::Distrust>) -> io::Result<()> {
    let Some(doubt) = doubt else {
        return Ok(());
    };
    let message = format!("root is not led to other files: {doubt}");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{lchown, symlink};

    /// A user that nobody is.
    const STRANGER: u32 = 64_123;

    fn names(folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_when_it_is_whole_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result");
        let mut first = Unfinished::begin(&path).unwrap();
        first.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(first);
        assert_eq!(names(folder.path()), Vec::<String>::new());
        replace(&path, b"one").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o640);
        assert_eq!(names(folder.path()), ["result"]);
    }

    #[test]
    fn a_link_of_our_own_is_followed_and_a_device_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        fs::write(&target, "old").unwrap();
        symlink(&target, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert!(link.is_symlink());
        replace(Path::new("/dev/null"), b"gone").unwrap();
        assert!(!Path::new("/dev/null").is_file());
    }

    #[test]
    fn a_link_that_somebody_else_may_have_planted_leads_root_nowhere() {
        let place = tempfile::tempdir().unwrap();
        let victim = place.path().join("victim");
        let elsewhere = place.path().join("elsewhere");
        let shared = place.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::create_dir(&elsewhere).unwrap();
        fs::write(&victim, "untouched").unwrap();
        fs::set_permissions(&shared, Permissions::from_mode(0o1777)).unwrap();
        let (file, folder) = (shared.join("out.json"), shared.join("migrations"));
        symlink(&victim, &file).unwrap();
        symlink(&elsewhere, &folder).unwrap();
        if !trust::is_root() {
            // The link is our own then, and so is what it leads to.
            replace(&file, b"written").unwrap();
            return;
        }
        for link in [&file, &folder] {
            lchown(link, Some(STRANGER), Some(STRANGER)).unwrap();
        }
        let refused = [
            replace(&file, b"written"),
            create_new(&file, b"written"),
            replace(&folder.join("underpin.sum"), b"written"),
            create_new(&folder.join("1_a.up.sql"), b"written"),
        ];
        assert!(refused.iter().all(Result::is_err), "{refused:?}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        assert_eq!(names(&elsewhere), Vec::<String>::new());
        assert_eq!(names(&shared), ["migrations", "out.json"]);
    }
}
