//! The runtime of a pool ends before the pool does: everybody is told at once, instead of waiting for connections that
//! nobody opens any more.

use super::state::Shared;
use crate::Error;
use std::sync::{Arc, Weak};
use underpin_core::ErrorKind;

/// Held by a task that runs as long as the pool: a runtime that ends drops it with the task.
pub(super) struct Lifeline(Option<Weak<Shared>>);

impl Lifeline {
    pub(super) fn of(pool: &Arc<Shared>) -> Self {
        Self(Some(Arc::downgrade(pool)))
    }

    /// The task ends by itself.
    pub(super) fn let_go(&mut self) {
        self.0 = None;
    }
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        if let Some(pool) = self.0.take().and_then(|pool| pool.upgrade()) {
            pool.strand();
        }
    }
}

impl Shared {
    /// Ends the pool: its sockets and its tasks belong to the runtime that has ended.
    fn strand(&self) {
        let (idle, waiters) = {
            let mut state = self.state();
            state.stranded = true;
            (
                std::mem::take(&mut state.idle),
                std::mem::take(&mut state.waiters),
            )
        };
        self.lanes.close();
        let told = Arc::new(runtime_ended());
        for waiter in waiters {
            let _ = waiter.hand.send(Err(told.clone()));
        }
        drop(idle);
        self.returned.notify_waiters();
    }
}

pub(super) fn runtime_ended() -> Error {
    Error::new(
        ErrorKind::ShuttingDown,
        "the pool has ended with the Tokio runtime in which it was made",
    )
    .with_hint(
        "make the pool within the runtime that uses it: each #[tokio::test] has its own; a pool that all share needs a \
         runtime that lives as long as the program",
    )
}
