//! The files of one cluster, all below its data folder.

use crate::Error;
use crate::account::Account;
use crate::files::Folder;
use crate::places;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use underpin_core::ErrorKind;

/// PostgreSQL's own data folder.
const DATA: &str = "data";

/// The folder of the Unix socket.
const SOCKET: &str = "socket";

/// The server's log.
pub(crate) const LOG: &str = "server.log";

/// The folder of a cluster, and the names in it. The folder itself belongs to whoever calls; `data`, `socket` and the
/// temporary folder of initdb belong to the account that runs the server.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: Arc<Folder>,
}

impl Layout {
    /// Makes the folder when it is missing. The path becomes absolute, because the server runs elsewhere.
    pub(crate) fn create(data_dir: &Path) -> Result<Self, Error> {
        // 0711: the unprivileged account must pass through, nobody needs to list it.
        let mode = if places::is_root() { 0o711 } else { 0o700 };
        let made = Folder::make(data_dir, mode);
        Self::of(made.map_err(|cause| Error::io("make the folder", data_dir, cause))?)
    }

    /// The folder; None when it does not exist.
    pub(crate) fn open(data_dir: &Path) -> Result<Option<Self>, Error> {
        match Folder::open(data_dir) {
            Ok(root) => Self::of(root).map(Some),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(Error::io("open the folder", data_dir, cause)),
        }
    }

    fn of(root: Folder) -> Result<Self, Error> {
        let (_, group, mode) = root
            .owner()
            .map_err(|cause| Error::io("look at", root.path(), cause))?;
        let others_write = mode & 0o002 != 0 || (mode & 0o020 != 0 && group != 0);
        if places::is_root() && others_write {
            let shown = root.path().display();
            let message = format!(
                "{shown} cannot hold a cluster that root starts: other users may write to it"
            );
            return Err(Error::new(ErrorKind::PermissionDenied, message)
                .with_hint(format!("take the right away: chmod go-w '{shown}'")));
        }
        Ok(Self {
            root: Arc::new(root),
        })
    }

    /// The folder itself, to reach what is in it by name.
    pub(crate) fn folder(&self) -> &Folder {
        &self.root
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// The path of PostgreSQL's own data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.root().join(DATA)
    }

    /// PostgreSQL's own data folder; None when there is none yet.
    pub(crate) fn data_folder(&self) -> Result<Option<Folder>, Error> {
        let found = self.root.folder(DATA);
        found.map_err(|cause| Error::io("open the folder", &self.data(), cause))
    }

    /// Does the folder follow another server, or is it being restored? Nothing can be changed in it then.
    pub(crate) fn is_standby(&self) -> Result<bool, Error> {
        let Some(data) = self.data_folder()? else {
            return Ok(false);
        };
        for name in ["standby.signal", "recovery.signal"] {
            let found = data.read(name);
            if found
                .map_err(|cause| Error::io("read", &data.path().join(name), cause))?
                .is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Moves a folder of that name to where the data folder is to be.
    pub(crate) fn become_data(&self, name: &str) -> Result<(), Error> {
        let moved = self.root.rename(name, DATA);
        moved.map_err(|cause| Error::io("move into place", &self.root().join(name), cause))
    }

    /// Is there no data folder, or an empty one?
    pub(crate) fn has_no_data(&self) -> Result<bool, Error> {
        let answer = self.root.is_absent_or_empty(DATA);
        answer.map_err(|cause| Error::io("list", &self.data(), cause))
    }

    /// The folder of the Unix socket, unless its path is too long.
    pub(crate) fn socket(&self) -> PathBuf {
        self.root().join(SOCKET)
    }

    pub(crate) fn make_socket(&self, account: &Account) -> Result<Folder, Error> {
        make_owned_folder(&self.root, SOCKET, account)
    }

    /// The path of the log, for people.
    pub(crate) fn log(&self) -> PathBuf {
        self.root().join(LOG)
    }

    /// Reads a file in the folder; None when there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<String>, Error> {
        let text = self.root.read(name);
        text.map_err(|cause| Error::io("read", &self.root().join(name), cause))
    }

    /// Replaces a file in the folder as a whole.
    pub(crate) fn replace(&self, name: &str, mode: u32, text: &str) -> Result<(), Error> {
        let written = self.root.replace(name, mode, text);
        written.map_err(|cause| Error::io("write", &self.root().join(name), cause))
    }

    /// Opens a file in the folder to be locked or appended to.
    pub(crate) fn append(&self, name: &str) -> Result<std::fs::File, Error> {
        let opened = self.root.append(name);
        opened.map_err(|cause| Error::io("open", &self.root().join(name), cause))
    }
}

/// Makes a private folder that the server's account owns; one that is there already is left as it is.
pub(crate) fn make_owned_folder(
    parent: &Folder,
    name: &str,
    account: &Account,
) -> Result<Folder, Error> {
    let path = parent.path().join(name);
    let failed = |cause| Error::io("make the folder", &path, cause);
    if let Some(made) = parent.make_folder(name, 0o700).map_err(failed)? {
        account.own(&made)?;
        return Ok(made);
    }
    let found = parent.folder(name).map_err(failed)?;
    found.ok_or_else(|| failed(std::io::ErrorKind::NotFound.into()))
}
