//! What a caller decides about its cluster.

use crate::{Error, Interrupt, places};
use std::path::PathBuf;
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_core::config::LocalSettings;

/// How long a start may take: initdb, recovery after a crash, waiting for another process that starts the same cluster.
pub const START_DEADLINE: Duration = Duration::from_secs(60);

/// How long a fast shutdown may take before an immediate one follows.
pub const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// The database that every cluster is made with.
pub const DATABASE: &str = "underpin";

/// How long a server lives that this process starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifetime {
    /// Until the last attached process calls `stop`: what `serve` wants.
    #[default]
    WhileUsed,
    /// Until `underpin db stop`: what `db start` and test runs want.
    UntilStopped,
}

/// Which cluster, made and run how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder that holds everything of this cluster; made when missing.
    pub data_dir: PathBuf,
    /// The folder of PostgreSQL's binaries; searched for when None.
    pub postgres_bin: Option<PathBuf>,
    /// Only this major version will do; any supported one when None.
    pub major: Option<u32>,
    /// Where `install` unpacks binaries; [`default_cache_dir`](crate::default_cache_dir) when None.
    pub cache_dir: Option<PathBuf>,
    /// As root: the name of the user that runs the server; `postgres` when None.
    pub run_as: Option<String>,
    /// Server settings, passed as `-c name=value` at each start.
    pub server: Vec<(String, String)>,
    /// How long a server lives that this process starts.
    pub lifetime: Lifetime,
    /// How long `start` may take; [`START_DEADLINE`].
    pub start_deadline: Duration,
    /// How long a fast shutdown may take; [`STOP_DEADLINE`].
    pub stop_deadline: Duration,
    /// Makes a start give up, when it is raised.
    pub interrupt: Interrupt,
}

impl Settings {
    /// Defaults for everything but the folder.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            postgres_bin: None,
            major: None,
            cache_dir: places::default_cache_dir(),
            run_as: None,
            server: Vec::new(),
            lifetime: Lifetime::default(),
            start_deadline: START_DEADLINE,
            stop_deadline: STOP_DEADLINE,
            interrupt: Interrupt::new(),
        }
    }

    /// What the configuration says; the data folder defaults to [`default_data_dir`](crate::default_data_dir).
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when no folder is configured and there is no home folder to default to.
    pub fn from_config(config: &LocalSettings) -> Result<Self, Error> {
        let data_dir = config
            .data_dir
            .clone()
            .or_else(places::default_data_dir)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    "there is no home folder to keep the embedded cluster in",
                )
                .with_hint("set UNDERPIN_DATA_DIR, or DATABASE_URL to use another server")
            })?;
        Ok(Self {
            postgres_bin: config.postgres_bin.clone(),
            run_as: config.user.clone(),
            ..Self::new(data_dir)
        })
    }

    /// Adds a server setting, passed as `-c name=value` at each start.
    #[must_use]
    pub fn with_server_setting(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.server.push((name.into(), value.into()));
        self
    }

    /// Trades safety for speed: no fsync, no full page writes, no waiting for commits. For what may be lost: tests, and
    /// databases that are made for a while.
    #[must_use]
    pub fn without_durability(self) -> Self {
        self.with_server_setting("fsync", "off")
            .with_server_setting("full_page_writes", "off")
            .with_server_setting("synchronous_commit", "off")
    }

    /// Is this cluster made without waiting for the disk?
    pub(crate) fn is_durable(&self) -> bool {
        !self
            .server
            .iter()
            .any(|(name, value)| name == "fsync" && value == "off")
    }
}
