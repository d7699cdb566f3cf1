//! A session: one exclusive connection, lent by the pool or held outside of it.

use crate::connect::Connector;
use crate::executor::executor;
use crate::pool::Lease;
use crate::rows::Sink;
use crate::telemetry::Watch;
use crate::wire::{Begin, Wire};
use crate::{Error, Options, Params, Row, Transaction, TransactionOptions, TypedParams};
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// One exclusive PostgreSQL connection.
///
/// [`Database::checkout`](crate::Database::checkout) lends one; dropping it gives it back. [`Session::connect`] opens
/// one of its own, outside any pool; dropping that closes it.
///
/// # Cancel safety
/// A session may be dropped in any state. What still runs is cancelled, what is open is rolled back, and only then is
/// the connection lent again; when that takes too long it is closed.
#[derive(Debug)]
pub struct Session {
    lease: Lease,
}

impl Session {
    pub(crate) fn new(lease: Lease) -> Self {
        Self { lease }
    }

    /// Opens a session outside any pool, for work that must own its connection: migrations, LISTEN, advisory locks.
    ///
    /// # Errors
    /// Why the connection could not be made, each cause with a kind of its own: unknown host, refused, wrong
    /// password, unknown database, server starting up, too many connections, TLS.
    ///
    /// # Cancel safety
    /// Dropping the future closes the socket.
    pub async fn connect(options: &Options) -> Result<Self, Error> {
        let wire = Connector::new(options.clone())?.connect().await?;
        Ok(Self::new(Lease::dedicated(wire)))
    }

    /// The process id of the server process behind this session.
    #[must_use]
    pub fn backend_pid(&self) -> i32 {
        self.wire().backend_pid()
    }

    /// The server's version.
    #[must_use]
    pub fn server_version(&self) -> ServerVersion {
        ServerVersion::parse(&self.parameter("server_version").unwrap_or_default())
    }

    /// When the pool will replace this session, once it is returned: its maximum age, less a random part.
    #[must_use]
    pub fn expires_at(&self) -> Instant {
        self.wire().expires()
    }

    /// Is the connection encrypted?
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.wire().is_tls()
    }

    /// A parameter the server reports by itself, such as `server_version`, `TimeZone` or `in_hot_standby`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.wire().parameter(name)
    }

    /// Opens a transaction with PostgreSQL's defaults. BEGIN travels with the first statement.
    #[must_use = "a transaction that is not used is rolled back"]
    pub fn begin(&mut self) -> Transaction<'_> {
        self.begin_with(TransactionOptions::default())
    }

    /// Opens a transaction. BEGIN travels with the first statement.
    #[must_use = "a transaction that is not used is rolled back"]
    pub fn begin_with(&mut self, options: TransactionOptions) -> Transaction<'_> {
        Transaction::on(self, options)
    }

    /// Closes the connection instead of giving it back.
    pub fn close(self) {
        self.lease.close();
    }

    pub(crate) fn wire(&self) -> &Arc<Wire> {
        self.lease.wire()
    }

    /// Runs a statement once, in one round trip, without preparing it: for SQL that is not run again, and behind
    /// poolers that lose prepared statements.
    ///
    /// # Errors
    /// As [`query`](Self::query); [`underpin_core::ErrorKind::InvalidInput`] when a value does not fit its type.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn query_once(&self, sql: &str, params: TypedParams<'_>) -> Result<Vec<Row>, Error> {
        let watch = Watch::start(sql);
        self.wire().note(sql);
        let outcome = self.wire().query_once(sql, params).await;
        self.lease.observe(sql, &watch, &outcome);
        outcome
    }

    pub(crate) async fn fetch<S: Sink>(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<S::Output, Error> {
        self.fetch_in::<S>(None, sql, params).await
    }

    /// Runs a statement. `begin` is that of the transaction it belongs to.
    pub(crate) async fn fetch_in<S: Sink>(
        &self,
        begin: Option<&Begin>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<S::Output, Error> {
        let watch = Watch::start(sql);
        let outcome = self.wire().fetch::<S>(begin, sql, params).await;
        self.lease.observe(sql, &watch, &outcome);
        outcome
    }

    pub(crate) async fn run_batch(&self, sql: &str) -> Result<(), Error> {
        self.run_batch_in(None, sql).await
    }

    /// Runs statements. `begin` is that of the transaction they belong to.
    pub(crate) async fn run_batch_in(&self, begin: Option<&Begin>, sql: &str) -> Result<(), Error> {
        let watch = Watch::start(sql);
        let outcome = self.wire().batch_in(begin, sql).await;
        self.lease.observe(sql, &watch, &outcome);
        outcome
    }
}

executor!(Session);

/// A PostgreSQL version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerVersion {
    /// 14, 15, …
    pub major: u32,
    /// The minor release.
    pub minor: u32,
}

impl ServerVersion {
    /// Reads `15.18 (Debian 15.18-0+deb12u1)`, `18beta1`, `14devel`; what is not there is 0.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut numbers = text
            .split(|c: char| !c.is_ascii_digit())
            .map(|number| number.parse().unwrap_or_default());
        let major = numbers.next().unwrap_or_default();
        let minor = if text.contains('.') {
            numbers.next().unwrap_or_default()
        } else {
            0
        };
        Self { major, minor }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_whatever_a_distribution_adds() {
        for (text, expected) in [
            ("15.18 (Debian 15.18-0+deb12u1)", (15, 18)),
            ("18beta1", (18, 0)),
            ("14devel", (14, 0)),
            ("16.14", (16, 14)),
            ("", (0, 0)),
        ] {
            let version = ServerVersion::parse(text);
            assert_eq!((version.major, version.minor), expected, "{text}");
        }
    }
}
