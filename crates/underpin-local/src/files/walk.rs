//! The way to a folder, part by part.

use super::mode;
use rustix::fs::{
    AtFlags, CWD, FileType, OFlags, Stat, fstat, mkdirat, openat, readlinkat, statat,
};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use underpin_core::trust;

/// A path of more links than this is a loop.
const LINKS_MAX: usize = 40;

/// A folder that is only passed needs no right to be listed.
#[cfg(target_os = "linux")]
const PASS: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const PASS: OFlags = OFlags::RDONLY;

const FOLDER: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Opens the folder at `path` and tells its real path; missing ones are made when `make` says with which mode.
pub(super) fn walk(path: &Path, make: Option<u32>) -> io::Result<(OwnedFd, PathBuf)> {
    let mut ahead: VecDeque<OsString> = parts(&std::path::absolute(path)?);
    let mut at = openat(CWD, "/", FOLDER | PASS, mode(0))?;
    let mut here = PathBuf::from("/");
    let mut links = 0;
    while let Some(name) = ahead.pop_front() {
        if name == "/" {
            at = openat(CWD, "/", FOLDER | PASS, mode(0))?;
            here = PathBuf::from("/");
            continue;
        }
        if name == ".." {
            at = openat(&at, "..", FOLDER | PASS, mode(0))?;
            here.pop();
            continue;
        }
        let found = match statat(&at, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => {
                let Some(bits) = make else {
                    return Err(Errno::NOENT.into());
                };
                match mkdirat(&at, &name, mode(bits)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(errno.into()),
                }
                statat(&at, &name, AtFlags::SYMLINK_NOFOLLOW)?
            }
            found => found?,
        };
        if FileType::from_raw_mode(found.st_mode) == FileType::Symlink {
            links += 1;
            if links > LINKS_MAX {
                return Err(Errno::LOOP.into());
            }
            check_link(&fstat(&at)?, &found, &here.join(&name))?;
            let target = readlinkat(&at, &name, Vec::new())?;
            let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
            for part in parts(&target).into_iter().rev() {
                ahead.push_front(part);
            }
            continue;
        }
        at = openat(&at, &name, FOLDER | PASS, mode(0))?;
        here.push(&name);
    }
    // The last one is listed and given away, too.
    let opened = openat(&at, ".", FOLDER | OFlags::RDONLY, mode(0))?;
    Ok((opened, here))
}

fn parts(path: &Path) -> VecDeque<OsString> {
    let kept = path
        .components()
        .filter(|part| !matches!(part, Component::CurDir));
    kept.map(|part| part.as_os_str().to_owned()).collect()
}

/// As root: could nobody but root have put this link into that folder?
fn check_link(folder: &Stat, link: &Stat, path: &Path) -> io::Result<()> {
    if !trust::is_root() {
        return Ok(());
    }
    let others_write = folder.st_mode & 0o022 != 0;
    let is_sticky = folder.st_mode & 0o1000 != 0;
    if is_ours(link.st_uid) && is_ours(folder.st_uid) && (!others_write || is_sticky) {
        return Ok(());
    }
    let message = format!(
        "{} is a link that user {} may have put there",
        path.display(),
        if is_ours(folder.st_uid) {
            link.st_uid
        } else {
            folder.st_uid
        }
    );
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

/// Root, or the user that this process is.
pub(super) fn is_ours(uid: u32) -> bool {
    uid == 0 || uid == rustix::process::geteuid().as_raw()
}
