//! A cluster of one test's own, to be stopped, killed, suspended and reconfigured.

use crate::{admin, place, wait};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use underpin_core::{Chain, DatabaseUrl};
use underpin_local::{Cluster, Settings, Stopped};

/// How long a killed server may take to disappear.
const GONE_DEADLINE: Duration = Duration::from_secs(10);

/// Makes and starts a cluster that no other test knows.
///
/// # Panics
/// When it does not start.
pub async fn private_cluster() -> PrivateCluster {
    private_cluster_with(|settings| settings).await
}

/// As [`private_cluster`], with other settings: `|settings| settings.with_server_setting("max_connections", "20")`.
///
/// # Panics
/// When it does not start.
pub async fn private_cluster_with(change: impl FnOnce(Settings) -> Settings) -> PrivateCluster {
    let folder = place::temporary_folder();
    let settings = change(place::settings(&folder.path().join("cluster")));
    PrivateCluster::started(settings, folder).await
}

/// A server that only this test uses. Dropping it ends the server at once and removes the folder.
#[derive(Debug)]
pub struct PrivateCluster {
    settings: Settings,
    cluster: Option<Cluster>,
    suspended: bool,
    _folder: TempDir,
}

impl PrivateCluster {
    pub(crate) async fn started(settings: Settings, folder: TempDir) -> Self {
        let cluster = start(settings.clone()).await;
        admin::empower(&cluster).await;
        Self {
            cluster: Some(cluster),
            settings,
            suspended: false,
            _folder: folder,
        }
    }

    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The running cluster.
    ///
    /// # Panics
    /// Between `stop` or `kill` and `start`.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        self.cluster
            .as_ref()
            .expect("the private cluster runs: start() it after stop() or kill()")
    }

    /// The address of a database; by the loopback port, so that it stays the same after a restart.
    #[must_use]
    pub fn url(&self, database: &str) -> DatabaseUrl {
        self.cluster().tcp_url(database)
    }

    /// The settings it was started with, to be changed before the next `start`.
    pub const fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// Adds a server setting from the next `start` on.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.settings
            .server
            .push((String::from(name), value.into()));
    }

    /// Puts a file where only the server reads it, as it wants of a private key, and returns its path.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn place(&self, name: &str, text: &str) -> PathBuf {
        let data = self.data();
        let path = data.join(name);
        std::fs::write(&path, text).expect("the test may write into its own cluster");
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))
            .expect("its mode can be changed by its owner");
        own_by_server(&path, &data);
        path
    }

    /// Replaces `pg_hba.conf` from the next `start` on: `["hostssl all all 127.0.0.1/32 cert"]`. The socket stays open to
    /// whoever knows the password.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn set_access_rules(&self, rules: &[&str]) {
        let text = format!("local all all scram-sha-256\n{}\n", rules.join("\n"));
        let _ = self.place("pg_hba.conf", &text);
    }

    /// PostgreSQL's own data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.settings.data_dir.join("data")
    }

    /// Starts it again; the port stays the same when it is still free.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(&mut self) {
        if self.cluster.is_none() {
            self.cluster = Some(start(self.settings.clone()).await);
        }
    }

    /// Stops it in order.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn stop(&mut self) {
        self.resume();
        if let Some(cluster) = self.cluster.take() {
            let mut outcome = cluster.stop().await;
            if matches!(outcome, Ok(Stopped::InUse)) {
                // A program that another thread is just starting holds our lock until it runs.
                outcome = underpin_local::stop(self.settings.clone(), true).await;
            }
            outcome.unwrap_or_else(|error| {
                panic!("the private cluster does not stop: {}", Chain(&error))
            });
        }
    }

    /// Stops it and starts it again.
    ///
    /// # Panics
    /// When it does not end or start.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    /// Stops it at once: sessions are cut off, nothing is put in order, and the next `start` recovers.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn stop_immediately(&mut self) {
        self.resume();
        self.end_by(Signal::QUIT).await;
    }

    /// Kills the postmaster as `kill -9` would; the next `start` recovers.
    ///
    /// # Panics
    /// When it does not die.
    pub async fn kill(&mut self) {
        self.end_by(Signal::KILL).await;
        self.suspended = false;
    }

    async fn end_by(&mut self, which: Signal) {
        let Some(cluster) = self.cluster.take() else {
            return;
        };
        let pid = pid(&cluster);
        signal(pid, which);
        wait::wait_until(GONE_DEADLINE, async || test_kill_process(pid).is_err()).await;
    }

    /// Suspends the postmaster: connections are taken by the kernel and then nothing answers, as on a hanging machine.
    /// Sessions that are open go on.
    pub fn pause(&mut self) {
        signal(pid(self.cluster()), Signal::STOP);
        self.suspended = true;
    }

    /// Lets the postmaster go on.
    pub fn resume(&mut self) {
        if std::mem::take(&mut self.suspended) {
            signal(pid(self.cluster()), Signal::CONT);
        }
    }
}

impl Drop for PrivateCluster {
    fn drop(&mut self) {
        if let Some(cluster) = self.cluster.take() {
            let pid = pid(&cluster);
            // An immediate shutdown: nothing in it is needed any more, and sessions of the test must not hold it up.
            let _ = kill_process(pid, Signal::CONT);
            let _ = kill_process(pid, Signal::QUIT);
            // Its files can be removed once it no longer writes any.
            let end = Instant::now() + GONE_DEADLINE;
            while test_kill_process(pid).is_ok() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
}

/// Gives a file, or a folder with all that is in it, to the owner of the cluster's data folder.
pub(crate) fn own_by_server(path: &Path, data: &Path) {
    let owner = data.metadata().expect("the cluster has a data folder");
    if path.is_dir() && !path.is_symlink() {
        let entries = path.read_dir().expect("the folder can be listed");
        for entry in entries {
            own_by_server(&entry.expect("the folder can be listed").path(), data);
        }
    }
    lchown(path, Some(owner.uid()), Some(owner.gid())).expect("root, or the owner itself, asks");
}

async fn start(settings: Settings) -> Cluster {
    let started = Cluster::start(settings).await;
    started.unwrap_or_else(|error| {
        panic!(
            "the private cluster does not start: {}\nhint: {}",
            Chain(&error),
            error.hint().unwrap_or("none")
        )
    })
}

fn pid(cluster: &Cluster) -> Pid {
    Pid::from_raw(cluster.pid()).expect("a postmaster's process number is positive")
}

fn signal(pid: Pid, which: Signal) {
    kill_process(pid, which).expect("the postmaster lives and is ours to signal");
}
