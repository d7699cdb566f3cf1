//! Removing a folder with all that is in it, without leaving it through a link.

use super::{SAFE, mode};
use rustix::fs::{AtFlags, Dir, OFlags, openat, unlinkat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;

/// A data folder of PostgreSQL is a handful of folders deep.
const DEPTH_MAX: usize = 64;

pub(super) fn tree(parent: BorrowedFd<'_>, name: &OsStr, depth: usize) -> io::Result<()> {
    if depth > DEPTH_MAX {
        let message = format!("more than {DEPTH_MAX} folders deep");
        return Err(io::Error::other(message));
    }
    match unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        // A folder: Linux and macOS differ in what they call that.
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(errno) => return Err(errno.into()),
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | SAFE;
    let folder = match openat(parent, name, flags, mode(0)) {
        Ok(folder) => folder,
        // Somebody else removed it in between.
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) => return Err(errno.into()),
    };
    for entry in Dir::read_from(&folder)? {
        let entry = entry?;
        let inner = entry.file_name().to_bytes();
        if inner != b"." && inner != b".." {
            tree(folder.as_fd(), OsStr::from_bytes(inner), depth + 1)?;
        }
    }
    match unlinkat(parent, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}
