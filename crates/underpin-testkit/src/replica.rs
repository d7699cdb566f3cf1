//! Streaming replicas of a private cluster, and their promotion.

use crate::private::own_by_server;
use crate::{PrivateCluster, admin, place, wait};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use underpin_core::Chain;
use underpin_pool::{Options, Session};

/// Copying an empty cluster, attaching to it or promoting one.
const DEADLINE: Duration = Duration::from_secs(30);

impl PrivateCluster {
    /// Makes and starts a streaming replica of this cluster, and waits until it streams.
    ///
    /// It has the same role, password and settings. Its `application_name` for `synchronous_standby_names` is
    /// `walreceiver`; set that by `ALTER SYSTEM` after this call, because a primary that waits for a replica which does
    /// not exist yet confirms nothing.
    ///
    /// # Panics
    /// When it cannot be copied or does not start.
    pub async fn replica(&self) -> Self {
        let folder = place::temporary_folder();
        let mut settings = self.settings().clone();
        settings.data_dir = folder.path().join("cluster");
        DirBuilder::new()
            .mode(0o711)
            .create(&settings.data_dir)
            .expect("a folder can be made in a new folder");
        self.base_backup(&settings.data_dir.join("data")).await;
        for name in ["password", "admin.password"] {
            let file = self.settings().data_dir.join(name);
            std::fs::copy(&file, settings.data_dir.join(name)).expect("our own file can be copied");
        }
        let replica = Self::started(settings, folder).await;
        let primary = self.admin().await;
        let count_streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        wait::wait_until(DEADLINE, async || {
            let row = primary.query_one(count_streaming, &[]).await;
            row.and_then(|row| row.get::<i64>(0))
                .is_ok_and(|count| count > 0)
        })
        .await;
        replica
    }

    /// Makes a replica the primary, and waits until it takes writes.
    ///
    /// # Panics
    /// When it does not become one.
    pub async fn promote(&self) {
        admin::run(&self.admin().await, "SELECT pg_promote(true, 30)").await;
        wait::wait_until(DEADLINE, async || {
            // A new session each time: an open one may still answer as it was born.
            let row = self
                .admin()
                .await
                .query_one("SELECT pg_is_in_recovery()", &[])
                .await;
            row.and_then(|row| row.get::<bool>(0))
                .is_ok_and(|is_replica| !is_replica)
        })
        .await;
    }

    /// A session of the cluster's owner, outside any pool.
    ///
    /// # Panics
    /// When the cluster does not let it in.
    pub async fn admin(&self) -> Session {
        let session = Session::connect(&Options::new(self.cluster().url("postgres"))).await;
        session
            .unwrap_or_else(|error| panic!("no session on the private cluster: {}", Chain(&error)))
    }

    async fn base_backup(&self, data: &Path) {
        let url = self.url("postgres");
        let password = url
            .password
            .as_ref()
            .map_or("", |password| password.expose());
        let client = self.cluster().client("pg_basebackup");
        let client = client.expect("PostgreSQL's client programs are there");
        let mut command = Command::new(client);
        command
            .args([
                "--host=127.0.0.1",
                "--checkpoint=fast",
                "--wal-method=stream",
            ])
            .args(["--no-sync", "--no-password", "--write-recovery-conf"])
            .arg(format!("--port={}", self.cluster().port()))
            .arg(format!("--username={}", url.user))
            .arg("--pgdata")
            .arg(data)
            // It goes on into the replica's primary_conninfo.
            .env("PGPASSWORD", password)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(DEADLINE, command.output()).await;
        let output = output
            .expect("a base backup of an empty cluster is quick")
            .expect("pg_basebackup runs");
        assert!(
            output.status.success(),
            "pg_basebackup: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        own_by_server(data, &self.data());
    }
}
