//! The guard around a lent connection: whatever happens to it, the connection finds its way back.

use super::state::{Pooled, Shared};
use super::status::CloseReason;
use crate::Error;
use crate::telemetry::Watch;
use crate::wire::Wire;
use std::sync::Arc;
use underpin_core::ErrorKind;

/// A lent connection. Dropping it gives it back, from any thread and in any state.
#[derive(Debug)]
pub(crate) struct Lease {
    /// None only after the connection was taken out in `drop` or `close`.
    connection: Option<Pooled>,
    /// None for a connection outside any pool.
    pool: Option<Arc<Shared>>,
}

impl Lease {
    pub(super) fn pooled(connection: Pooled, pool: Arc<Shared>) -> Self {
        Self {
            connection: Some(connection),
            pool: Some(pool),
        }
    }

    pub(crate) fn dedicated(wire: Wire) -> Self {
        let connection = Pooled::fresh(wire, 0);
        Self {
            connection: Some(connection),
            pool: None,
        }
    }

    pub(super) fn connection(&self) -> &Pooled {
        self.connection
            .as_ref()
            .expect("taken out only when the lease ends")
    }

    pub(crate) fn wire(&self) -> &Arc<Wire> {
        &self.connection().wire
    }

    /// Closes the connection instead of giving it back.
    pub(crate) fn close(self) {
        self.end(CloseReason::Requested);
    }

    pub(super) fn end(mut self, reason: CloseReason) {
        let connection = self.take();
        match self.pool.take() {
            Some(pool) => pool.end(connection, reason),
            None => drop(connection),
        }
    }

    pub(super) fn take(&mut self) -> Pooled {
        self.connection
            .take()
            .expect("taken out only when the lease ends")
    }

    /// Notes a finished statement, and tells the pool when it shows that connections like this one are dead.
    pub(crate) fn observe<T>(&self, sql: &str, watch: &Watch, outcome: &Result<T, Error>) {
        let Some(pool) = &self.pool else { return };
        pool.observe(sql, watch, outcome);
        if let Err(error) = outcome {
            self.learn_from(error, pool);
        }
    }

    /// Draws conclusions about other connections from how a statement failed here.
    fn learn_from(&self, error: &Error, pool: &Shared) {
        let Some(connection) = &self.connection else {
            return;
        };
        match error.kind() {
            ErrorKind::Disconnected => pool.doubt(connection.generation),
            ErrorKind::ReadOnly => connection.wire.note_refused_write(),
            _ => {}
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        match self.pool.take() {
            Some(pool) => pool.give_back(connection),
            None if !connection.wire.is_clean() => connection.wire.part(),
            None => drop(connection),
        }
    }
}

impl std::fmt::Debug for Pooled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.wire.fmt(f)
    }
}
