//! The files of one cluster, all below its data folder.

use crate::Error;
use crate::account::Account;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Paths below the data folder. The folder itself belongs to whoever calls; `data`, `socket` and the temporary
/// folder of initdb belong to the account that runs the server.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Makes the folder when it is missing. The path becomes absolute, because the server runs elsewhere.
    pub(crate) fn create(data_dir: &Path) -> Result<Self, Error> {
        // 0711: the unprivileged account must pass through, nobody needs to list it.
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(if crate::places::is_root() {
            0o711
        } else {
            0o700
        });
        builder
            .create(data_dir)
            .map_err(|cause| Error::io("make the folder", data_dir, cause))?;
        Self::open(data_dir)
    }

    /// The folder must exist.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, Error> {
        let root = data_dir
            .canonicalize()
            .map_err(|cause| Error::io("open the folder", data_dir, cause))?;
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// PostgreSQL's own data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// The folder of the Unix socket, unless its path is too long.
    pub(crate) fn socket(&self) -> PathBuf {
        self.root.join("socket")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    pub(crate) fn password(&self) -> PathBuf {
        self.root.join("password")
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.root.join("cluster.json")
    }

    pub(crate) fn start_lock(&self) -> PathBuf {
        self.root.join("start.lock")
    }

    pub(crate) fn users_lock(&self) -> PathBuf {
        self.root.join("users.lock")
    }
}

/// Makes a private folder that the server's account owns; one that is there already is left as it is.
pub(crate) fn make_owned_folder(path: &Path, account: &Account) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => account.own(path),
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(cause) => Err(Error::io("make the folder", path, cause)),
    }
}

/// Replaces a file as a whole: readers see the old text or the new one, also after a crash.
pub(crate) fn write_whole(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    let beside = path.with_added_extension(format!("new-{}", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
        })
        .and_then(|()| std::fs::rename(&beside, path));
    if let Err(cause) = written {
        // The half-written file is only litter: the error that matters is the first one.
        let _ = std::fs::remove_file(&beside);
        return Err(Error::io("write", path, cause));
    }
    Ok(())
}

/// Opens a file to be locked or appended to.
pub(crate) fn open_private(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(|cause| Error::io("open", path, cause))
}
