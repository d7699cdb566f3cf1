//! The user that runs the server: PostgreSQL refuses to run as root.

use crate::program::{self, QUESTION_DEADLINE};
use crate::{Error, places};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use underpin_core::ErrorKind;

/// Who may run the server when this process is root and nothing is configured, in this order.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

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
}

impl Account {
    /// This process's own user, or as root an unprivileged one.
    pub(crate) fn choose(configured: Option<&str>) -> Result<Self, Error> {
        if !places::is_root() {
            return Ok(Self { dropped_to: None });
        }
        let names = configured.map_or_else(|| CANDIDATES.to_vec(), |name| vec![name]);
        let found = names.iter().find_map(|name| look_up(name));
        let dropped = found.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("PostgreSQL refuses to run as root, and there is no user {}", names.join(" or ")))
                .with_hint("make an unprivileged user for it (`useradd --system postgres`), or run underpin as one")
        })?;
        if dropped.uid == 0 {
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "PostgreSQL refuses to run as root, and user {} is root",
                    dropped.name
                ),
            )
            .with_hint("name an unprivileged user"));
        }
        Ok(Self {
            dropped_to: Some(dropped),
        })
    }

    /// As root, for a cluster that is there already: the user that owns its files.
    pub(crate) fn owner_of(data: &Path) -> Result<Self, Error> {
        if !places::is_root() {
            return Ok(Self { dropped_to: None });
        }
        let metadata = data
            .metadata()
            .map_err(|cause| Error::io("look at", data, cause))?;
        if metadata.uid() == 0 {
            return Err(Error::new(
                ErrorKind::PermissionDenied,
                format!(
                    "{} belongs to root, and PostgreSQL refuses to run as root",
                    data.display()
                ),
            )
            .with_hint(
                "give it to the user that runs PostgreSQL: `chown -R postgres` on the folder",
            ));
        }
        let name = format!("{} (owner of the data folder)", metadata.uid());
        Ok(Self {
            dropped_to: Some(Dropped {
                name,
                uid: metadata.uid(),
                gid: metadata.gid(),
            }),
        })
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

    /// A command that runs as this user, from `/`, without the caller's `PG*` variables and in English.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .env("LC_ALL", "C")
            .env_remove("LANGUAGE");
        for variable in [
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
        if let Some(dropped) = &self.dropped_to {
            // std also clears the supplementary groups of a root process that sets a uid.
            command.uid(dropped.uid).gid(dropped.gid);
        }
        command
    }

    /// Gives a file or folder to this user.
    pub(crate) fn own(&self, path: &Path) -> Result<(), Error> {
        let Some(dropped) = &self.dropped_to else {
            return Ok(());
        };
        std::os::unix::fs::lchown(path, Some(dropped.uid), Some(dropped.gid))
            .map_err(|cause| Error::io("change the owner of", path, cause))
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

fn first_closed_folder(path: &Path, account: &Dropped) -> Option<PathBuf> {
    let mut folders: Vec<_> = path.ancestors().collect();
    folders.reverse();
    folders
        .into_iter()
        .find(|folder| !is_open(folder, account))
        .map(Path::to_path_buf)
}

fn is_open(folder: &Path, account: &Dropped) -> bool {
    let Ok(metadata) = folder.metadata() else {
        return false;
    };
    let execute = if metadata.uid() == account.uid {
        0o100
    } else if metadata.gid() == account.gid {
        0o010
    } else {
        0o001
    };
    metadata.mode() & execute != 0
}

/// Asks `id`, which knows every source of users that the machine has.
fn look_up(name: &str) -> Option<Dropped> {
    let ask = |flag: &str| {
        let mut id = Command::new("id");
        let output = program::run(id.args([flag, "--", name]), None, QUESTION_DEADLINE);
        let output = output.ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    Some(Dropped {
        name: String::from(name),
        uid: ask("-u")?,
        gid: ask("-g")?,
    })
}
