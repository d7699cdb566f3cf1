//! Tells how far an index build is, on a connection of its own: the one that builds is busy.

use super::backoff::{Backoff, pause};
use super::lock;
use crate::Error;
use crate::files::Chain;
use crate::progress::{Event, Progress};
use crate::sql::{Statement, Subject, Work};
use std::fmt;
use std::pin::pin;
use std::time::Duration;
use underpin_pool::{Options, Session};

/// Builds that are done sooner are not worth a connection.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Long builds are not to fill the log.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// PostgreSQL counts blocks in some phases, rows in others, and sessions that it waits for in the rest.
const FAR: &str = "\
SELECT phase,
       CASE WHEN blocks_total > 0 THEN blocks_done WHEN tuples_total > 0 THEN tuples_done ELSE lockers_done END,
       CASE WHEN blocks_total > 0 THEN blocks_total WHEN tuples_total > 0 THEN tuples_total ELSE lockers_total END
FROM pg_stat_progress_create_index
WHERE pid = $1";

/// A process that migrates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Underway {
    /// The index that it builds, when it does and this role may see it.
    pub build: Option<Build>,
}

/// How far an index build is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// What the server is doing, in its words.
    pub phase: String,
    /// How much of the phase is done, in the server's units; 0 of 0 when it does not say.
    pub done: u64,
    /// How much there is.
    pub total: u64,
}

/// `building an index: scanning table, 40 %`
impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { phase, done, total } = self;
        let phase = phase.strip_prefix("building index: ").unwrap_or(phase);
        write!(f, "building an index: {phase}")?;
        match (done * 100).checked_div(*total) {
            Some(percent) => write!(f, ", {percent} %"),
            None => Ok(()),
        }
    }
}

/// Watches one statement.
pub(super) struct Watch<'a> {
    options: &'a Options,
    backend: i32,
    statement: &'a Statement,
    progress: &'a dyn Progress,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        options: &'a Options,
        backend: i32,
        statement: &'a Statement,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            options,
            backend,
            statement,
            progress,
        }
    }

    /// Waits for the work; when it builds an index, tells now and then how far it is.
    pub(super) async fn until<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let nature = self.statement.nature();
        let builds = matches!(
            nature.subject,
            Subject::CreateIndex { .. } | Subject::Reindex { .. }
        );
        if nature.work != Work::Concurrent || !builds {
            return work.await;
        }
        tokio::select! {
            done = &mut work => done,
            never = self.tell() => match never {},
        }
    }

    async fn tell(&self) -> std::convert::Infallible {
        let mut watcher = None;
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            pause(backoff.next()).await;
            // Best effort: a server without a free connection builds the index all the same.
            if let Err(error) = self.look(&mut watcher).await {
                watcher = None;
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "could not ask how far the index is"
                );
            }
        }
    }

    async fn look(&self, watcher: &mut Option<Session>) -> Result<(), underpin_pool::Error> {
        let session = match watcher {
            Some(session) => session,
            None => watcher.insert(Session::connect(self.options).await?),
        };
        if let Some(build) = build_of(session, self.backend).await? {
            self.progress.tell(&Event::Building {
                file: self.statement.file(),
                ordinal: self.statement.ordinal(),
                phase: &build.phase,
                done: build.done,
                total: build.total,
            });
        }
        Ok(())
    }
}

/// How far the index is that a server process builds; None when it builds none.
async fn build_of(session: &Session, backend: i32) -> Result<Option<Build>, underpin_pool::Error> {
    let Some(row) = session.query_opt(FAR, &[&backend]).await? else {
        return Ok(None);
    };
    let (done, total): (i64, i64) = (row.get(1)?, row.get(2)?);
    Ok(Some(Build {
        phase: row.get(0)?,
        done: u64::try_from(done).unwrap_or(0),
        total: u64::try_from(total).unwrap_or(0),
    }))
}

/// The process that migrates a chain at this moment, asked on a session that is open already; None when nobody does.
///
/// # Errors
/// When the server does not say.
///
/// # Cancel safety
/// May be dropped at any point.
pub async fn underway_on_session(
    session: &Session,
    chain: &Chain,
) -> Result<Option<Underway>, Error> {
    let failed = |error| Error::caused_by("could not ask who migrates", error);
    let backend = lock::holding_backend(session, chain.name()).await?;
    let Some(backend) = backend else {
        return Ok(None);
    };
    let build = build_of(session, backend).await.map_err(failed)?;
    Ok(Some(Underway { build }))
}
