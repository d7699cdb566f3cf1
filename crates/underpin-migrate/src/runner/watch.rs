//! Tells how far an index build is, on a connection of its own: the one that builds is busy.

use super::backoff::pause;
use crate::progress::{Event, Progress};
use crate::sql::{Statement, Subject, Work};
use std::pin::pin;
use std::time::Duration;
use underpin_pool::{Options, Session};

/// Builds that are done sooner are not worth a connection.
const EVERY: Duration = Duration::from_secs(1);

/// PostgreSQL counts blocks in some phases, rows in others, and sessions that it waits for in the rest.
const FAR: &str = "\
SELECT phase,
       CASE WHEN blocks_total > 0 THEN blocks_done WHEN tuples_total > 0 THEN tuples_done ELSE lockers_done END,
       CASE WHEN blocks_total > 0 THEN blocks_total WHEN tuples_total > 0 THEN tuples_total ELSE lockers_total END
FROM pg_stat_progress_create_index
WHERE pid = $1";

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
        loop {
            pause(EVERY).await;
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
        if let Some(row) = session.query_opt(FAR, &[&self.backend]).await? {
            let (done, total): (i64, i64) = (row.get(1)?, row.get(2)?);
            self.progress.tell(&Event::Building {
                file: self.statement.file(),
                ordinal: self.statement.ordinal(),
                phase: row.get(0)?,
                done: u64::try_from(done).unwrap_or(0),
                total: u64::try_from(total).unwrap_or(0),
            });
        }
        Ok(())
    }
}
