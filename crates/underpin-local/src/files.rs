//! Every file operation of this crate, made so that nobody can lead root to another file.
//!
//! As root, this process works in folders that the server's account may write to. Whoever controls that account can put a
//! link, a hard link or a named pipe where a file is expected, at any moment. So nothing here is reached by a path:
//!
//! - A [`Folder`] is a handle. It is opened part by part, and a link on the way is followed only when nobody but root and
//!   this process's own user could have put it there.
//! - Everything in a folder is reached by its name alone, relative to the handle, and never through a link.
//! - A file counts only when it is a regular one that belongs to the folder's owner, or to this process's own user and has no
//!   second name. That is asked of the open file, which cannot be exchanged any more.
//! - Nothing is read without a limit, and opening never waits.
//!
//! A test keeps `std::fs` and the asking methods of `Path` out of the rest of the crate.

mod folder;
mod remove;
mod walk;

pub(crate) use folder::Folder;

use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use underpin_core::trust;

/// How a file is opened: never through a link, never waiting for the other end of a pipe.
const SAFE: OFlags = OFlags::NOFOLLOW
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Is there anything at this path? Links are followed: only for places that are told to others, such as a socket.
pub(crate) fn exists(path: &Path) -> bool {
    path.exists()
}

/// The whole path, links resolved.
pub(crate) fn resolve(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

/// Owner, group and mode of the folders on the way to a path, the first part first; None where there is none.
pub(crate) fn way(path: &Path) -> Vec<(PathBuf, Option<std::fs::Metadata>)> {
    let mut folders: Vec<_> = path.ancestors().map(Path::to_path_buf).collect();
    folders.reverse();
    let look = |folder: PathBuf| {
        let metadata = folder.metadata().ok();
        (folder, metadata)
    };
    folders.into_iter().map(look).collect()
}

/// Is it a file that can be run?
pub(crate) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.mode() & 0o111 != 0)
}

/// May this process run that program with its own rights? As root only one that nobody else can exchange.
pub(crate) fn may_run(program: &Path) -> bool {
    !trust::is_root() || matches!(trust::check(program), Ok(None))
}

/// What the kernel tells in a file of `/proc`, which nobody can replace.
pub(crate) fn kernel_says(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(bytes_max).read_to_end(&mut text)?;
    Ok(text)
}

/// Where a link of `/proc` leads to.
pub(crate) fn kernel_link(path: &Path) -> io::Result<PathBuf> {
    std::fs::read_link(path)
}

/// The user whose rights a process has, as the owner of its folder in `/proc` tells.
pub(crate) fn kernel_owner(path: &Path) -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt;
    Ok(path.metadata()?.uid())
}

const fn mode(bits: u32) -> Mode {
    Mode::from_bits_truncate(bits as rustix::fs::RawMode)
}
