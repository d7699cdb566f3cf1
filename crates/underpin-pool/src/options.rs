//! What a pool is made of: where to connect and how to behave.

use crate::Error;
use std::time::Duration;
use underpin_core::config::PoolSettings;
use underpin_core::{Config, DatabaseUrl, ErrorKind};

/// The address of a database and the settings of its pool.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to connect.
    pub url: DatabaseUrl,
    /// How the pool behaves.
    pub pool: PoolSettings,
}

/// TCP keepalive: first probe after this much silence.
pub(crate) const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// TCP keepalive: time between probes.
pub(crate) const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// TCP keepalive: unanswered probes until the connection counts as dead.
pub(crate) const KEEPALIVE_RETRIES: u32 = 3;
/// How long sent data may stay unacknowledged (Linux).
pub(crate) const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);
/// One connection attempt, from the socket to the end of authentication.
pub(crate) const CREATE_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections being made at the same time.
pub(crate) const CREATE_CONCURRENCY: usize = 4;
/// A session idle for longer is asked before it is handed out.
pub(crate) const PRE_PING_IDLE: Duration = Duration::from_secs(30);
/// How long that question may take.
pub(crate) const PRE_PING_TIMEOUT: Duration = Duration::from_millis(500);
/// How much of a session's lifetime is drawn at random, in percent, so that sessions do not expire together.
pub(crate) const RECYCLE_JITTER_PERCENT: u32 = 10;
/// Cleaning a returned session: cancelling what it still runs, rolling back, one round trip.
pub(crate) const CLEANUP_TIMEOUT: Duration = Duration::from_secs(2);
impl Options {
    /// Default pool settings for an address.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            pool: PoolSettings::default(),
        }
    }

    /// One connection attempt's deadline: the pool's, or a shorter `connect_timeout` of the URL.
    pub(crate) fn create_timeout(&self) -> Duration {
        let own = self.url.connect_timeout.unwrap_or(CREATE_TIMEOUT);
        own.min(CREATE_TIMEOUT)
    }
}

impl From<DatabaseUrl> for Options {
    fn from(url: DatabaseUrl) -> Self {
        Self::new(url)
    }
}

impl TryFrom<&Config> for Options {
    type Error = Error;

    fn try_from(config: &Config) -> Result<Self, Error> {
        let url = config.database.url.clone().ok_or_else(|| {
            Error::new(ErrorKind::Config, "no database is configured")
                .with_hint("set DATABASE_URL, or start a private server with `underpin db start`")
        })?;
        Ok(Self {
            url,
            pool: config.pool.clone(),
        })
    }
}
