//! One look at the database: a checkout, a round trip, the ledger; each within its own deadline.
//!
//! It has a connection of its own, so that a pool of which every session is in use is not taken for a database that is
//! away.

use jiff::Timestamp;
use std::time::{Duration, Instant};
use underpin_core::{Chain as ErrorChain, Diagnose, ErrorKind};
use underpin_migrate::{Chain, Underway};
use underpin_pool::{Database, Error, Session, Status};

/// How long it may take to get a session; apart from `pool.timeout`, so that nothing can hang a probe.
const CHECKOUT: Duration = Duration::from_secs(1);

/// How long a session of the pool may take when there is no connection to reserve.
const SECOND_CHOICE: Duration = Duration::from_millis(250);

/// How long the round trip may take.
const ROUND_TRIP: Duration = Duration::from_secs(1);

/// How long reading the ledger may take.
const LEDGER: Duration = Duration::from_secs(1);

/// How long a complete ledger is believed; a load that slows everything down must not make the service unready.
const SETTLED: Duration = Duration::from_secs(10);

/// How good something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Pass,
    /// It works, and somebody should look.
    Warn,
    /// It does not work, or nothing is known: unknown is never healthy.
    Fail,
}

impl Level {
    /// The word for it in `application/health+json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What one probe found.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How good it is.
    pub level: Level,
    /// How long it took to find out.
    pub latency: Duration,
    /// What is wrong, in words fit for anybody: no address, no SQL, nothing of the server's own text.
    pub output: Option<String>,
    /// The kind of the error, when there was one.
    pub kind: Option<ErrorKind>,
    /// The whole error chain, for logs and for the command line; never sent to a client.
    pub cause: Option<String>,
}

/// The state of the database and the schema at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// When it was taken.
    pub at: Timestamp,
    /// The database answers.
    pub database: Outcome,
    /// All migrations that this program knows are applied; those that may come later are worth a warning.
    pub schema: Outcome,
    /// How many migrations are not applied, deferred ones left out, when `schema` could be asked.
    pub pending: Option<usize>,
    /// The pool.
    pub pool: Status,
    taken: Instant,
    /// When the ledger was read for `schema`.
    ledger_read: Instant,
}

impl Outcome {
    fn pass(latency: Duration) -> Self {
        Self {
            level: Level::Pass,
            latency,
            output: None,
            kind: None,
            cause: None,
        }
    }

    fn warn(latency: Duration, output: impl Into<String>) -> Self {
        Self {
            level: Level::Warn,
            ..Self::fail(latency, output)
        }
    }

    fn fail(latency: Duration, output: impl Into<String>) -> Self {
        Self {
            level: Level::Fail,
            latency,
            output: Some(output.into()),
            kind: None,
            cause: None,
        }
    }

    fn failed(latency: Duration, error: &Error) -> Self {
        let kind = innermost_kind(error);
        Self {
            kind: Some(kind),
            cause: Some(ErrorChain(error).to_string()),
            ..Self::fail(latency, in_plain_words(kind))
        }
    }
}

/// The kind of the first cause: behind a checkout that took too long there may be a refused connection.
fn innermost_kind(error: &Error) -> ErrorKind {
    let ours = ErrorChain(error)
        .iter()
        .filter_map(|cause| cause.downcast_ref::<Error>());
    ours.last().map_or(error.kind(), Error::kind)
}

impl Snapshot {
    /// Looks at the database now. Takes at most the deadlines together.
    pub async fn take(database: &Database, chain: &Chain) -> Self {
        Self::follow(None, database, chain).await
    }

    /// The same after an earlier look: a ledger that was complete a moment ago is not read again.
    pub(crate) async fn follow(before: Option<&Self>, database: &Database, chain: &Chain) -> Self {
        let taken = Instant::now();
        let mut ledger_read = taken;
        let mut schema = Outcome::fail(Duration::ZERO, "not known: the database does not answer");
        let mut pending = None;
        let connection = match session(database).await {
            Err(error) => Outcome::failed(taken.elapsed(), &error),
            Ok(session) => {
                let answered = round_trip(&session, taken).await;
                if answered.level == Level::Pass {
                    (schema, pending, ledger_read) = match before.filter(|it| it.has_settled()) {
                        Some(it) => (it.schema.clone(), it.pending, it.ledger_read),
                        None => ledger(&session, chain).await,
                    };
                }
                answered
            }
        };
        let pool = database.status();
        Self {
            at: Timestamp::now(),
            database: warn_when_full(connection, &pool),
            schema,
            pending,
            pool,
            taken,
            ledger_read,
        }
    }

    /// Was the schema found complete not long ago? Nobody migrates down every second.
    fn has_settled(&self) -> bool {
        self.schema.level == Level::Pass && self.ledger_read.elapsed() < SETTLED
    }

    /// What to say when not even a probe came to an end.
    pub(crate) fn unknown(kind: ErrorKind, pool: Status) -> Self {
        let unknown = Outcome {
            kind: Some(kind),
            ..Outcome::fail(super::WAIT, in_plain_words(kind))
        };
        let (database, schema) = (unknown.clone(), unknown);
        let taken = Instant::now();
        Self {
            at: Timestamp::now(),
            database,
            schema,
            pending: None,
            pool,
            taken,
            ledger_read: taken,
        }
    }

    /// The worst of all.
    #[must_use]
    pub fn level(&self) -> Level {
        self.database.level.max(self.schema.level)
    }

    /// Is the database out of reach, not only busy?
    ///
    /// When no session became free in time while others were in use, the database serves somebody: who waits longer than
    /// a probe may be served, too.
    pub(crate) fn is_outage(&self) -> bool {
        let is_busy =
            self.database.kind == Some(ErrorKind::CheckoutTimeout) && self.pool.checked_out > 0;
        self.database.level == Level::Fail && !is_busy
    }

    /// How old it is.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.taken.elapsed()
    }

    /// Logs when something changed since the last look, not at every look.
    pub(crate) fn log_change(&self, before: Option<&Self>) {
        let parts = [("database", &self.database), ("schema", &self.schema)];
        let earlier = before.map(|before| [before.database.level, before.schema.level]);
        for (index, (name, now)) in parts.into_iter().enumerate() {
            let was = earlier.map_or(Level::Pass, |levels| levels[index]);
            if now.level == was {
                continue;
            }
            let why = now
                .cause
                .as_deref()
                .or(now.output.as_deref())
                .unwrap_or_default();
            if now.level == Level::Pass {
                tracing::info!(check = name, "healthy again");
            } else {
                tracing::warn!(
                    check = name,
                    level = now.level.as_str(),
                    "not healthy: {why}"
                );
            }
        }
    }
}

/// The reserved connection. When the server has none left to give, the pool may have one.
async fn session(database: &Database) -> Result<Session, Error> {
    let reserved = database.reserved()?.checkout_within(CHECKOUT).await;
    match reserved {
        Err(error) if innermost_kind(&error) == ErrorKind::TooManyConnections => {
            database.checkout_within(SECOND_CHOICE).await
        }
        outcome => outcome,
    }
}

async fn round_trip(session: &Session, started: Instant) -> Outcome {
    match within(ROUND_TRIP, session.query_one("SELECT 1", &[])).await {
        Ok(_) => Outcome::pass(started.elapsed()),
        Err(error) => Outcome::failed(started.elapsed(), &error),
    }
}

async fn ledger(session: &Session, chain: &Chain) -> (Outcome, Option<usize>, Instant) {
    let started = Instant::now();
    let readiness = underpin_migrate::readiness_on_session(session, chain, None);
    let (outcome, pending) = match within(LEDGER, readiness).await {
        Ok(it) if it.is_ready() && it.deferred.is_empty() => {
            (Outcome::pass(started.elapsed()), Some(0))
        }
        Ok(it) if it.is_ready() => {
            let output = deferred(session, chain, it.deferred.len()).await;
            (Outcome::warn(started.elapsed(), output), Some(0))
        }
        Ok(it) => {
            let pending = it.missing.len();
            let output =
                format!("migrations pending: {pending}; run `underpin migrate up --builtin`");
            (Outcome::fail(started.elapsed(), output), Some(pending))
        }
        Err(error) => (Outcome::failed(started.elapsed(), &error), None),
    };
    (outcome, pending, started)
}

/// What becomes of deferred migrations, for people: the service works without them.
async fn deferred(session: &Session, chain: &Chain, count: usize) -> String {
    let underway = underpin_migrate::underway_on_session(session, chain);
    let state = match within(LEDGER, underway).await {
        Ok(Some(Underway { build: Some(build) })) => format!("being applied, {build}"),
        Ok(Some(Underway { build: None })) => String::from("being applied"),
        Ok(None) => String::from("pending"),
        Err(error) => {
            let cause = ErrorChain(&error).to_string();
            tracing::debug!(cause, "could not ask who applies the deferred migrations");
            String::from("pending")
        }
    };
    format!("deferred migrations: {count} {state}")
}

/// Runs a question within a deadline; the session is discarded by the pool when the deadline cuts it off.
async fn within<T, E: Diagnose>(
    deadline: Duration,
    question: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
    match tokio::time::timeout(deadline, question).await {
        Ok(result) => result.map_err(|cause| Error::caused_by("a probe failed", cause)),
        Err(_) => Err(Error::new(
            ErrorKind::Timeout,
            "the database did not answer a probe in time",
        )),
    }
}

/// A full pool still serves, and the next request waits: worth a look.
fn warn_when_full(outcome: Outcome, pool: &Status) -> Outcome {
    if outcome.level == Level::Pass && is_full(pool) {
        let output = Some(String::from("every connection of the pool is in use"));
        return Outcome {
            level: Level::Warn,
            output,
            ..outcome
        };
    }
    outcome
}

fn is_full(pool: &Status) -> bool {
    pool.checked_out >= pool.pool_size + pool.max_overflow
}

/// What an error means to somebody who may not see the server's own text.
fn in_plain_words(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ConnectionRefused => "nothing answers at the database's address",
        ErrorKind::UnknownHost => "the database's host name does not resolve",
        ErrorKind::Authentication => "the database does not accept our role or password",
        ErrorKind::UnknownDatabase => "the server has no database of that name",
        ErrorKind::ServerNotReady => {
            "the database server is starting up, shutting down or recovering"
        }
        ErrorKind::TooManyConnections => "the database server has no connection left to give",
        ErrorKind::TlsRequired | ErrorKind::Tls => {
            "no TLS connection to the database could be agreed on"
        }
        ErrorKind::CheckoutTimeout => "no connection became free, or could be made, in time",
        ErrorKind::Timeout | ErrorKind::Cancelled => "the database did not answer in time",
        ErrorKind::Disconnected | ErrorKind::UnknownOutcome => {
            "the connection to the database broke"
        }
        ErrorKind::Unavailable => "the database was down a moment ago: it is asked again shortly",
        ErrorKind::ShuttingDown => "the service is shutting down",
        ErrorKind::HistoryConflict => "the ledger of migrations contradicts this program's",
        ErrorKind::PermissionDenied => "our role lacks a right that it needs",
        _ => "the database cannot be used: the log, or `underpin health`, says why",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_from_good_to_bad() {
        assert_eq!(Level::Pass.max(Level::Fail), Level::Fail);
        assert_eq!(Level::Warn.max(Level::Pass), Level::Warn);
    }
}
