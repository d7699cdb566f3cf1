//! Every setting, in one struct a section.

use crate::DatabaseUrl;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// All settings, read once at start by [`Config::load`].
#[derive(Debug, Clone)]
pub struct Config {
    /// Development or production.
    pub environment: Environment,
    /// The database.
    pub database: DatabaseSettings,
    /// The pool.
    pub pool: PoolSettings,
    /// The HTTP service.
    pub server: ServerSettings,
    /// Logging.
    pub log: LogSettings,
    /// The embedded cluster.
    pub local: LocalSettings,
}

/// Where the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Environment {
    /// The embedded cluster is allowed.
    #[default]
    Development,
    /// Refuses the embedded cluster, weak TLS to remote hosts and missing secrets.
    Production,
}

/// `database.*`
#[derive(Debug, Clone, Default)]
pub struct DatabaseSettings {
    /// None: the embedded cluster.
    pub url: Option<DatabaseUrl>,
}

/// `pool.*`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSettings {
    /// How many idle sessions are kept.
    pub size: usize,
    /// How many more may be opened under load; closed on return.
    pub max_overflow: usize,
    /// The whole checkout: waiting, connecting, pre-ping.
    pub timeout: Duration,
    /// Sessions older than this are replaced, with 10 % jitter.
    pub recycle: Duration,
    /// Sessions idle longer than this are closed.
    pub idle_timeout: Duration,
    /// Sessions kept ready.
    pub min_idle: usize,
    /// Free liveness check always, a bounded round trip only after 30 s idle.
    pub pre_ping: bool,
    /// Shared pipelined connections for single autocommit statements; 0 switches them off.
    pub lanes: usize,
    /// Statements slower than this are logged.
    pub slow_query: Duration,
    /// Log every statement.
    pub echo: bool,
    /// Prepared statements kept per connection.
    pub statement_cache: usize,
    /// `statement_timeout` of each session; None leaves the server's.
    pub statement_timeout: Option<Duration>,
    /// `lock_timeout` of each session; None leaves the server's.
    pub lock_timeout: Option<Duration>,
    /// `idle_in_transaction_session_timeout` of each session; None leaves the server's.
    pub idle_in_transaction_timeout: Option<Duration>,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            size: 10,
            max_overflow: 10,
            timeout: Duration::from_secs(5),
            recycle: Duration::from_secs(3600),
            idle_timeout: Duration::from_secs(600),
            min_idle: 0,
            pre_ping: true,
            lanes: 2,
            slow_query: Duration::from_millis(200),
            echo: false,
            statement_cache: 256,
            statement_timeout: None,
            lock_timeout: None,
            idle_in_transaction_timeout: None,
        }
    }
}

/// `server.*`
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Origins allowed by CORS outside `/v0.1`.
    pub allowed_origins: Vec<String>,
    /// Whole request.
    pub request_timeout: Duration,
    /// How long requests in flight may take to finish at shutdown.
    pub shutdown_grace: Duration,
}

/// `log.*`
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// A `tracing` filter: `info`, `underpin_pool=debug,info`.
    pub level: String,
    /// `pretty`, `json`, or by terminal when None.
    pub format: Option<LogFormat>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For machines.
    Json,
}

/// `local.*`
#[derive(Debug, Clone, Default)]
pub struct LocalSettings {
    /// `UNDERPIN_POSTGRES_BIN`: the folder of PostgreSQL's binaries.
    pub postgres_bin: Option<PathBuf>,
    /// `UNDERPIN_DATA_DIR`: the folder of the embedded cluster.
    pub data_dir: Option<PathBuf>,
}

