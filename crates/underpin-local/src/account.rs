//! The user that runs the server: PostgreSQL refuses to run as root.

use crate::files::{self, Folder};
use crate::program;
use crate::{Error, places};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use underpin_core::ErrorKind;

/// Who runs a new server when this process is root and nothing is configured.
const DEFAULT: &str = "postgres";

/// The user that many daemons share: what one of them can read and write, all can.
const NOBODY: &str = "nobody";

/// Its number on Linux.
const NOBODY_UID: u32 = 65_534;

/// How to get an account of the server's own.
const ACCOUNT_HINT: &str = "make an account for it (`useradd --system --user-group --no-create-home --shell /usr/sbin/nologin underpin`) \
     and name it: local.user = \"underpin\" in underpin.toml, or UNDERPIN_LOCAL_USER=underpin; or run underpin as an \
     unprivileged user";

/// The user that runs PostgreSQL's programs: this process's own, or the one that root drops to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// None: this process's own.
    dropped_to: Option<Dropped>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Dropped {
    name: String,
    uid: u32,
    gid: u32,
    /// The program `setsid`, where the machine has it.
    setsid: Option<PathBuf>,
}

impl Account {
    /// This process's own user, or as root an unprivileged one.
    pub(crate) fn choose(configured: Option<&str>) -> Result<Self, Error> {
        if !places::is_root() {
            return Ok(Self { dropped_to: None });
        }
        let name = configured.unwrap_or(DEFAULT);
        let (uid, gid) = look_up(name).ok_or_else(|| {
            let message = format!("PostgreSQL refuses to run as root, and there is no user {name}");
            Error::new(ErrorKind::NotFound, message).with_hint(ACCOUNT_HINT)
        })?;
        let refused = match uid {
            0 => "is root",
            NOBODY_UID => "is shared by other programs, which could read and change the data",
            _ if name == NOBODY => {
                "is shared by other programs, which could read and change the data"
            }
            _ => return Ok(Self::dropped(String::from(name), uid, gid)),
        };
        let message = format!("PostgreSQL refuses to run as root, and user {name} {refused}");
        Err(Error::new(ErrorKind::Config, message).with_hint(ACCOUNT_HINT))
    }

    /// As root, for a cluster that is there already: the user that owns its files.
    pub(crate) fn owner_of(data: &Folder) -> Result<Self, Error> {
        if !places::is_root() {
            return Ok(Self { dropped_to: None });
        }
        let shown = data.path().display();
        let (uid, gid, _) = data
            .owner()
            .map_err(|cause| Error::io("look at", data.path(), cause))?;
        let refused = match uid {
            0 => "root, and PostgreSQL refuses to run as root",
            NOBODY_UID => {
                "nobody, a user that other programs share: they could read and change the data"
            }
            _ => {
                let name = format!("{uid} (owner of the data folder)");
                return Ok(Self::dropped(name, uid, gid));
            }
        };
        let folder = data.path().parent().unwrap_or(data.path()).display();
        let hint = format!(
            "give it to an account of its own: `useradd --system --user-group --no-create-home --shell /usr/sbin/nologin \
             underpin`, then `chown -R underpin: '{shown}' '{folder}/socket'`"
        );
        let message = format!("{shown} belongs to {refused}");
        Err(Error::new(ErrorKind::PermissionDenied, message).with_hint(hint))
    }

    fn dropped(name: String, uid: u32, gid: u32) -> Self {
        let dropped = Dropped {
            name,
            uid,
            gid,
            setsid: program::in_path("setsid").ok(),
        };
        Self {
            dropped_to: Some(dropped),
        }
    }

    pub(crate) fn uid(&self) -> u32 {
        self.dropped_to.as_ref().map_or_else(
            || rustix::process::geteuid().as_raw(),
            |dropped| dropped.uid,
        )
    }

    /// A name for messages and the record.
    pub(crate) fn name(&self) -> Option<&str> {
        self.dropped_to
            .as_ref()
            .map(|dropped| dropped.name.as_str())
    }

    /// User and group to give files to; None when they are this process's own already.
    pub(crate) fn ids(&self) -> Option<(u32, u32)> {
        let dropped = self.dropped_to.as_ref();
        dropped.map(|dropped| (dropped.uid, dropped.gid))
    }

    /// A command that runs as this user, from `/`, without the caller's `PG*` variables and in English.
    ///
    /// One that root drops to sees nothing of root's environment, which may hold passwords, and nothing of root's terminal,
    /// into which it could type: `setsid` takes it away. On machines without that program it keeps the terminal.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = match &self.dropped_to {
            Some(dropped) => dropped.command(program),
            None => {
                let mut command = Command::new(program);
                // A process group of its own: Ctrl-C on our terminal is meant for us, and we stop the server in order.
                command.process_group(0);
                command
            }
        };
        command.current_dir("/").env("LC_ALL", "C");
        for variable in [
            "LANGUAGE",
            "PGDATA",
            "PGHOST",
            "PGPORT",
            "PGUSER",
            "PGPASSWORD",
            "PGDATABASE",
            "PGOPTIONS",
            "PGSERVICE",
        ] {
            command.env_remove(variable);
        }
        command
    }

    /// Gives a folder to this user.
    pub(crate) fn own(&self, folder: &Folder) -> Result<(), Error> {
        let Some((uid, gid)) = self.ids() else {
            return Ok(());
        };
        folder
            .give(uid, gid)
            .map_err(|cause| Error::io("change the owner of", folder.path(), cause))
    }

    /// Can this user pass through every folder on the way to `path`? If not, the error names the first that stops it.
    pub(crate) fn check_passage(&self, path: &Path) -> Result<(), Error> {
        let Some(dropped) = &self.dropped_to else {
            return Ok(());
        };
        let Some(closed) = first_closed_folder(path, dropped) else {
            return Ok(());
        };
        let message = format!(
            "{} cannot be used: as root, PostgreSQL runs as user {}, who may not pass through {}",
            path.display(),
            dropped.name,
            closed.display()
        );
        Err(Error::new(ErrorKind::PermissionDenied, message).with_hint(format!(
            "choose a folder such as /var/lib/underpin with UNDERPIN_DATA_DIR, or open the way with `chmod o+x {}`",
            closed.display()
        )))
    }
}

impl Dropped {
    fn command(&self, program: &Path) -> Command {
        let mut command = match &self.setsid {
            // Not in a process group of its own: `setsid` would then fork, and the child would not be ours.
            Some(setsid) => {
                let mut command = Command::new(setsid);
                command.arg(program);
                command
            }
            None => {
                let mut command = Command::new(program);
                command.process_group(0);
                command
            }
        };
        command.env_clear().envs(places::harmless_environment());
        // std also clears the supplementary groups of a root process that sets a uid.
        command.uid(self.uid).gid(self.gid);
        command
    }
}

fn first_closed_folder(path: &Path, account: &Dropped) -> Option<PathBuf> {
    let is_closed = |metadata: Option<std::fs::Metadata>| {
        metadata.is_none_or(|metadata| !is_open(&metadata, account))
    };
    let mut way = files::way(path).into_iter();
    way.find_map(|(folder, metadata)| is_closed(metadata).then_some(folder))
}

fn is_open(folder: &std::fs::Metadata, account: &Dropped) -> bool {
    let execute = if folder.uid() == account.uid {
        0o100
    } else if folder.gid() == account.gid {
        0o010
    } else {
        0o001
    };
    folder.mode() & execute != 0
}

/// Asks `id`, which knows every source of users that the machine has.
fn look_up(name: &str) -> Option<(u32, u32)> {
    let ask = |flag: &str| {
        let mut id = program::named("id").ok()?;
        let output = program::ask(id.args([flag, "--", name]));
        let output = output.ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    Some((ask("-u")?, ask("-g")?))
}
