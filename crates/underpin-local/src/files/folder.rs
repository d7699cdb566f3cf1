//! A folder, held by a handle, and the files in it.

use super::walk::{is_ours, walk};
use super::{SAFE, mode, remove};
use rand::RngExt;
use rustix::fs::{
    AtFlags, Dir, FileType, Gid, OFlags, Stat, Uid, fchown, fstat, mkdirat, openat, renameat,
    statat, unlinkat,
};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Nothing that is read here is longer.
const BYTES_MAX: u64 = 64 * 1024;

/// A handle to a folder. Names are those of entries in it, never paths.
#[derive(Debug)]
pub(crate) struct Folder {
    handle: OwnedFd,
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`. A link that another user could have put on the way there is refused.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        walk(path, None).map(|(handle, path)| Self { handle, path })
    }

    /// The same, made with this mode where it is missing, with the folders above it.
    pub(crate) fn make(path: &Path, bits: u32) -> io::Result<Self> {
        walk(path, Some(bits)).map(|(handle, path)| Self { handle, path })
    }

    /// Its real path, for programs that are given one.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// User and group that it belongs to, and its mode.
    pub(crate) fn owner(&self) -> io::Result<(u32, u32, u32)> {
        let found = File::from(self.handle.try_clone()?).metadata()?;
        Ok((found.uid(), found.gid(), found.mode() & 0o7777))
    }

    /// Gives the folder itself to a user.
    pub(crate) fn give(&self, uid: u32, gid: u32) -> io::Result<()> {
        Ok(fchown(
            &self.handle,
            Some(Uid::from_raw(uid)),
            Some(Gid::from_raw(gid)),
        )?)
    }

    /// A folder in it; None when there is none of that name. A link is followed when only we could have put it there.
    pub(crate) fn folder(&self, name: &str) -> io::Result<Option<Self>> {
        let found = match statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => found,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        let path = self.path.join(name);
        if FileType::from_raw_mode(found.st_mode) == FileType::Symlink {
            return Self::open(&path).map(Some);
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | SAFE;
        let handle = openat(&self.handle, name, flags, mode(0))?;
        Ok(Some(Self { handle, path }))
    }

    /// Makes a folder in it; None when something of that name is there already.
    pub(crate) fn make_folder(&self, name: &str, bits: u32) -> io::Result<Option<Self>> {
        match mkdirat(&self.handle, name, mode(bits)) {
            Ok(()) => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | SAFE;
                let handle = openat(&self.handle, name, flags, mode(0))?;
                let path = self.path.join(name);
                Ok(Some(Self { handle, path }))
            }
            Err(Errno::EXIST) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Names of all that is in it.
    pub(crate) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.handle)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Reads a short text; None when there is no file of that name.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<String>> {
        let Some(file) = self.existing(name, OFlags::RDONLY)? else {
            return Ok(None);
        };
        let mut text = Vec::new();
        let length = file.take(BYTES_MAX + 1).read_to_end(&mut text)?;
        if u64::try_from(length).is_ok_and(|length| length > BYTES_MAX) {
            let message = format!("longer than {BYTES_MAX} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        String::from_utf8(text)
            .map(Some)
            .map_err(|cause| io::Error::new(io::ErrorKind::InvalidData, cause))
    }

    /// Writes over a file that is there, which keeps its owner; nothing is made when it is gone.
    pub(crate) fn overwrite(&self, name: &str, text: &str) -> io::Result<()> {
        let Some(mut file) = self.existing(name, OFlags::WRONLY)? else {
            return Ok(());
        };
        file.set_len(0)?;
        file.write_all(text.as_bytes())
    }

    /// Opens a file to be locked or appended to; made for this user alone when it is missing.
    pub(crate) fn append(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | SAFE;
        let file = File::from(openat(&self.handle, name, flags, mode(0o600))?);
        self.check(name, &fstat(&file)?)?;
        Ok(file)
    }

    /// Makes a file that was not there, and gives it to a user when one is named.
    pub(crate) fn make_file(
        &self,
        name: &str,
        bits: u32,
        text: &str,
        owner: Option<(u32, u32)>,
    ) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | SAFE;
        let mut file = File::from(openat(&self.handle, name, flags, mode(bits))?);
        file.write_all(text.as_bytes())?;
        if let Some((uid, gid)) = owner {
            fchown(&file, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))?;
        }
        file.sync_all()
    }

    /// Replaces a file as a whole: readers see the old text or the new one, also after a crash.
    pub(crate) fn replace(&self, name: &str, bits: u32, text: &str) -> io::Result<()> {
        let beside = format!(".{name}.{:016x}", rand::rng().random::<u64>());
        let written = self
            .make_file(&beside, bits, text, None)
            .and_then(|()| self.rename(&beside, name));
        if written.is_err() {
            // The half-written file is only litter: the error that matters is the first one.
            let _ = self.remove(&beside);
        }
        written
    }

    /// Gives an entry another name; one of that name is replaced, links are not followed.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(renameat(&self.handle, from, &self.handle, to)?)
    }

    /// Removes a name; what a link leads to stays.
    pub(crate) fn remove(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        Ok(unlinkat(&self.handle, name.as_ref(), AtFlags::empty())?)
    }

    /// Removes a file, or a folder with all that is in it; what links lead to stays. Nothing of that name is fine.
    pub(crate) fn remove_tree(&self, name: impl AsRef<OsStr>) -> io::Result<()> {
        remove::tree(self.handle.as_fd(), name.as_ref(), 0)
    }

    /// An empty folder of that name, or none?
    pub(crate) fn is_absent_or_empty(&self, name: &str) -> io::Result<bool> {
        match self.folder(name)? {
            Some(folder) => Ok(folder.names()?.is_empty()),
            None => Ok(true),
        }
    }

    /// Space left on its disk, in bytes.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        let disk = rustix::fs::fstatvfs(&self.handle).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn existing(&self, name: &str, how: OFlags) -> io::Result<Option<File>> {
        let file = match openat(&self.handle, name, how | SAFE, mode(0)) {
            Ok(handle) => File::from(handle),
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        self.check(name, &fstat(&file)?)?;
        Ok(Some(file))
    }

    /// Is it a file that belongs here?
    fn check(&self, name: &str, found: &Stat) -> io::Result<()> {
        let refused = |why: String| {
            let message = format!("{name} in {} {why}", self.path.display());
            Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
        };
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return refused(String::from("is not a regular file"));
        }
        if found.st_uid == fstat(&self.handle)?.st_uid {
            return Ok(());
        }
        // Of a file of our own in somebody else's folder, a second name may be that of a file elsewhere.
        match (is_ours(found.st_uid), found.st_nlink) {
            (true, 1) => Ok(()),
            (true, _) => refused(String::from("has a second name elsewhere")),
            (false, _) => refused(format!("belongs to user {}", found.st_uid)),
        }
    }
}
