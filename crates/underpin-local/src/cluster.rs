//! A cluster that this process uses: made, started, adopted or attached to as the case may be.

use crate::layout::Layout;
use crate::lock::Lock;
use crate::password::Role;
use crate::postmaster::Postmaster;
use crate::record::Record;
use crate::roles::Passwords;
use crate::wait::Deadline;
use crate::{Error, Interrupt, Lifetime, Settings, files, program, scratch, shutdown, start};
use std::path::{Path, PathBuf};
use std::time::Duration;
use underpin_core::url::{Host, TlsSettings};
use underpin_core::{DatabaseUrl, ErrorKind};

/// A running private cluster, held by this process.
///
/// As long as it lives, no `stop` of another process ends the server. Dropping it lets go without stopping: the server then
/// runs on, and the next start attaches to it.
#[derive(Debug)]
pub struct Cluster {
    pub(crate) layout: Layout,
    pub(crate) postmaster: Postmaster,
    pub(crate) major: u32,
    pub(crate) passwords: Passwords,
    pub(crate) started_by_us: bool,
    pub(crate) stop_deadline: Duration,
    pub(crate) users: Lock,
}

/// What became of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It is stopped.
    Stopped,
    /// It runs on, for other processes use it.
    InUse,
    /// It runs on, for it is to live until `underpin db stop`, or Underpin did not start it.
    NotOurs,
    /// There was no server.
    NotRunning,
}

impl Cluster {
    /// Makes the cluster when it is missing, starts its server when none runs, and attaches to it.
    ///
    /// The work runs on a blocking thread, under a file lock that lets one process at a time start or stop this cluster.
    ///
    /// # Errors
    /// Each has a hint: no binaries, binaries of another major version than the data folder, a full or read-only disk, a
    /// folder that the unprivileged user cannot reach, a server that does not start (with the end of its log), a
    /// deadline that passed.
    ///
    /// # Cancel safety
    /// When dropped, the start goes on in the background and then lets go of the server, which runs on.
    pub async fn start(settings: Settings) -> Result<Self, Error> {
        blocking(move || start::start(&settings)).await
    }

    /// Starts a second cluster beside the one of these settings, for databases that are made for a while.
    ///
    /// It is of the same major version, in the folder `scratch/MAJOR` of that cluster, and does not wait for the disk: nothing
    /// in it must outlive a crash of the machine. A thousand tables are made and dropped many times faster so.
    ///
    /// # Errors
    /// Those of [`start`](Self::start).
    ///
    /// # Cancel safety
    /// That of [`start`](Self::start).
    pub async fn start_scratch(settings: Settings) -> Result<Self, Error> {
        blocking(move || scratch::start(&settings)).await
    }

    /// How to reach `database`: by the Unix socket when there is one, else by the loopback port.
    ///
    /// As the role `underpin`, which owns the databases and is no superuser.
    #[must_use]
    pub fn url(&self, database: &str) -> DatabaseUrl {
        self.url_on(self.host(), Role::Service, database)
    }

    /// The same as the superuser `underpin_admin`: for people and tests, not for services.
    ///
    /// A cluster created before there were two roles has only `underpin` until it is next started.
    #[must_use]
    pub fn admin_url(&self, database: &str) -> DatabaseUrl {
        self.url_on(self.host(), Role::Admin, database)
    }

    fn host(&self) -> Host {
        let port = self.postmaster.port;
        match &self.postmaster.socket_dir {
            // The runtime folder of a user who logged out is removed, socket and all, under a server that runs on.
            Some(directory) if files::exists(&directory.join(format!(".s.PGSQL.{port}"))) => {
                Host::Unix {
                    directory: directory.clone(),
                    port,
                }
            }
            _ => self.tcp_host(),
        }
    }

    /// How to reach `database` by the loopback port.
    #[must_use]
    pub fn tcp_url(&self, database: &str) -> DatabaseUrl {
        self.url_on(self.tcp_host(), Role::Service, database)
    }

    /// The folder that holds everything of this cluster.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.layout.root()
    }

    /// Has the server died, rather than been stopped?
    ///
    /// A server that is stopped removes its file; one that was killed, by `kill -9` or for want of memory, leaves it. One that
    /// somebody else has started again meanwhile counts as died, too: this value knows only the one of before.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn has_died(&self) -> Result<bool, Error> {
        Ok(!self.postmaster.is_alive(&self.layout)? && Postmaster::is_left_behind(&self.layout)?)
    }

    /// Starts the server again after it [died](Self::has_died), on the port that it had, so that addresses stay right; or
    /// attaches to the one that somebody else has started meanwhile.
    ///
    /// # Errors
    /// Those of [`start`](Self::start); among them that the port is taken by now.
    ///
    /// # Cancel safety
    /// That of [`start`](Self::start); this value stays what it was.
    pub async fn restart(&mut self, settings: Settings) -> Result<(), Error> {
        let port = self.postmaster.port;
        let settings = settings.with_server_setting("port", port.to_string());
        let started = Self::start(settings).await?;
        if started.postmaster.port != port {
            let message = format!(
                "the server runs on port {} now, and no longer on {port}",
                started.postmaster.port
            );
            return Err(
                Error::new(ErrorKind::Internal, message).with_hint("start this program anew")
            );
        }
        // The lock of before goes only now: the new one is held already.
        *self = started;
        Ok(())
    }

    /// The server's log.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.layout.log()
    }

    /// The loopback port, chosen when the server was started.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.postmaster.port
    }

    /// One of PostgreSQL's client programs, such as `psql`: the one beside the server's own, else the first in `PATH`.
    ///
    /// As root only one that nobody else can replace, because it runs with this process's own rights.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub fn client(&self, name: &str) -> Result<PathBuf, Error> {
        let record = Record::of(&self.layout, &self.postmaster).ok().flatten();
        let beside = record.map(|record| record.binaries.join(name));
        match beside.filter(|program| files::exists(program) && files::may_run(program)) {
            Some(program) => Ok(program),
            None => program::in_path(name),
        }
    }

    /// The process number of the server.
    #[must_use]
    pub const fn pid(&self) -> i32 {
        self.postmaster.pid.as_raw_pid()
    }

    /// The major version of the server.
    #[must_use]
    pub const fn major(&self) -> u32 {
        self.major
    }

    /// Did this call of `start` start the server, rather than find it running?
    #[must_use]
    pub const fn started_by_us(&self) -> bool {
        self.started_by_us
    }

    /// Lets go of the server, and stops it when Underpin started it to live [`Lifetime::WhileUsed`] and no other process uses
    /// it: the last one out turns off the light.
    ///
    /// # Errors
    /// When the server does not end, or the file system refuses.
    ///
    /// # Cancel safety
    /// When dropped, the stop goes on in the background.
    pub async fn stop(self) -> Result<Stopped, Error> {
        self.stop_hurried_by(Interrupt::new()).await
    }

    /// The same; when `hurry` is raised the server ends at once, without a checkpoint, and the next start recovers.
    ///
    /// # Errors
    /// Those of [`stop`](Self::stop).
    ///
    /// # Cancel safety
    /// That of [`stop`](Self::stop).
    pub async fn stop_hurried_by(self, hurry: Interrupt) -> Result<Stopped, Error> {
        blocking(move || {
            let Self {
                layout,
                postmaster,
                stop_deadline,
                users,
                ..
            } = self;
            let _start = Lock::start(&layout, &Deadline::after(stop_deadline))?;
            drop(users);
            if !postmaster.is_alive(&layout)? {
                return Ok(Stopped::NotRunning);
            }
            if !Record::of(&layout, &postmaster)?
                .is_some_and(|record| record.lifetime == Lifetime::WhileUsed)
            {
                return Ok(Stopped::NotOurs);
            }
            if !Lock::is_unused(&layout)? {
                return Ok(Stopped::InUse);
            }
            shutdown::stop(&layout, &postmaster, stop_deadline, &hurry)?;
            Ok(Stopped::Stopped)
        })
        .await
    }

    fn tcp_host(&self) -> Host {
        let name = self
            .postmaster
            .listens_on
            .clone()
            .filter(|address| address != "*" && address != "0.0.0.0");
        Host::Tcp {
            name: name.unwrap_or_else(|| String::from("127.0.0.1")),
            port: self.postmaster.port,
        }
    }

    fn url_on(&self, host: Host, role: Role, database: &str) -> DatabaseUrl {
        let Passwords { service, admin } = &self.passwords;
        let (role, password) = match (role, admin) {
            (Role::Admin, Some(admin)) => (Role::Admin, admin),
            _ => (Role::Service, service),
        };
        DatabaseUrl {
            hosts: vec![host],
            user: String::from(role.name()),
            password: Some(password.clone()),
            database: String::from(database),
            tls: TlsSettings::default(),
            target_session_attrs: underpin_core::url::TargetSessionAttrs::Any,
            load_balance_hosts: false,
            application_name: None,
            options: None,
            connect_timeout: None,
        }
    }
}

/// `underpin db stop`: stops the server of a data folder, if Underpin started it.
///
/// # Errors
/// [`ErrorKind::Refused`] when other processes use it, unless `force`, and when Underpin did not start it.
pub async fn stop(settings: Settings, force: bool) -> Result<Stopped, Error> {
    blocking(move || stop_on_request(&settings, force)).await
}

fn stop_on_request(settings: &Settings, force: bool) -> Result<Stopped, Error> {
    let Some(layout) = Layout::open(&settings.data_dir)? else {
        return Ok(Stopped::NotRunning);
    };
    let _start = Lock::start(&layout, &Deadline::after(settings.stop_deadline))?;
    let Some(postmaster) = Postmaster::running(&layout)? else {
        return Ok(Stopped::NotRunning);
    };
    if Record::of(&layout, &postmaster)?.is_none() {
        let message = format!(
            "the server on {} was not started by underpin",
            layout.data().display()
        );
        return Err(Error::new(ErrorKind::Refused, message)
            .with_hint("stop it the way it was started, such as `pg_ctl stop`"));
    }
    if !force && !Lock::is_unused(&layout)? {
        let message = format!(
            "other processes use the cluster in {}",
            layout.root().display()
        );
        return Err(Error::new(ErrorKind::Refused, message)
            .with_hint("end them first, or add --force to stop it under them"));
    }
    shutdown::stop(
        &layout,
        &postmaster,
        settings.stop_deadline,
        &settings.interrupt,
    )?;
    Ok(Stopped::Stopped)
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|cause| {
        Err(Error::new(
            ErrorKind::Internal,
            "the thread that handles the cluster ended early",
        )
        .with_source(cause))
    })
}
