//! This crate's error, and the one place where an `io::Error` becomes one.

use std::io;
use std::path::Path;
use underpin_core::ErrorKind;

underpin_core::define_error! {
    /// Why the local cluster could not be found, made, started or stopped.
    pub struct Error;
}

impl Error {
    /// The file system refused `action` on `path`; a full or read-only disk gets its own words.
    pub(crate) fn io(action: &str, path: &Path, cause: io::Error) -> Self {
        let shown = path.display();
        let error = match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::new(
                ErrorKind::OutOfResources,
                format!("could not {action} {shown}: the disk is full"),
            )
            .with_hint(DISK_FULL_HINT),
            io::ErrorKind::ReadOnlyFilesystem => Self::new(
                ErrorKind::Io,
                format!("could not {action} {shown}: the file system is read-only"),
            )
            .with_hint(READ_ONLY_HINT),
            io::ErrorKind::PermissionDenied => {
                Self::new(ErrorKind::Io, format!("could not {action} {shown}")).with_hint(
                    "run as the folder's owner, or choose another folder with UNDERPIN_DATA_DIR",
                )
            }
            _ => Self::new(ErrorKind::Io, format!("could not {action} {shown}")),
        };
        error.with_source(cause)
    }
}

/// What to do when there is no space left.
pub(crate) const DISK_FULL_HINT: &str =
    "free some space, or choose a folder on another disk with UNDERPIN_DATA_DIR";

/// What to do when nothing can be written.
pub(crate) const READ_ONLY_HINT: &str =
    "make the file system writable, or choose a folder on another disk with UNDERPIN_DATA_DIR";
