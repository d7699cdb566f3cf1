//! The one PostgreSQL that every peer is measured on.

use crate::address::Address;
use crate::usage;
use anyhow::Context;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};
use underpin_local::{Cluster, DATABASE, Settings};

/// What the server is started with, beyond its defaults. Printed with the results.
pub const SETTINGS: [(&str, &str); 10] = [
    ("max_connections", "400"),
    ("shared_buffers", "256MB"),
    // The client side is measured, not the disk.
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    // Nothing may start by itself in the middle of a round.
    ("autovacuum", "off"),
    ("checkpoint_timeout", "1h"),
    ("max_wal_size", "16GB"),
    ("bgwriter_lru_maxpages", "0"),
    ("jit", "off"),
];

/// A private cluster with the benchmark's tables; gone with this value's [`stop`](Self::stop).
#[derive(Debug)]
pub struct Server {
    cluster: Cluster,
    address: Address,
    admin: Client,
    version: String,
    _folder: TempDir,
}

impl Server {
    /// Makes the cluster and fills the tables. Peers connect over loopback TCP, or over the Unix socket.
    pub async fn start(over_socket: bool) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("could not make a temporary folder")?;
        // The server may run as another, unprivileged user.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
        let mut settings = Settings::new(folder.path().join("cluster"));
        for (name, value) in SETTINGS {
            settings = settings.with_server_setting(name, value);
        }
        let cluster = Cluster::start(settings).await?;
        let url = if over_socket {
            cluster.url(DATABASE)
        } else {
            cluster.tcp_url(DATABASE)
        };
        let address = Address::new(url);
        // By the role that all peers log in with, so that the tables are its own.
        let owner = connect(&address).await?;
        let schema = owner.batch_execute(include_str!("../schema.sql")).await;
        schema.context("could not make the tables")?;
        drop(owner);
        // CHECKPOINT, between bursts, is the superuser's.
        let admin = connect(&Address::new(cluster.admin_url(DATABASE))).await?;
        admin.batch_execute("VACUUM (ANALYZE)").await?;
        let version = admin
            .query_one("SHOW server_version", &[])
            .await?
            .try_get(0)?;
        Ok(Self {
            cluster,
            address,
            admin,
            version,
            _folder: folder,
        })
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// One of PostgreSQL's own programs.
    pub fn program(&self, name: &str) -> anyhow::Result<PathBuf> {
        Ok(self.cluster.client(name)?)
    }

    /// Empties the tables that bursts write to, so that each starts from the same state.
    pub async fn reset(&self) -> anyhow::Result<()> {
        // One by one: several statements in one message are a transaction, and VACUUM refuses to be in one.
        for statement in [
            "TRUNCATE event",
            "UPDATE account SET balance = 1000",
            "VACUUM account, document",
            "CHECKPOINT",
        ] {
            let outcome = self.admin.batch_execute(statement).await;
            outcome.with_context(|| format!("could not run {statement}"))?;
        }
        Ok(())
    }

    /// Processor time of all its processes so far.
    pub fn cpu(&self) -> Duration {
        usage::cpu_of_children(self.cluster.pid())
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        drop(self.admin);
        self.cluster.stop().await?;
        Ok(())
    }
}

async fn connect(address: &Address) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(&address.url(), NoTls)
        .await
        .context("could not connect to the cluster")?;
    tokio::spawn(connection);
    Ok(client)
}
