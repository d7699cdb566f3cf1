//! Ending a pool: no more checkouts, waiters told, idle connections closed, lent ones awaited for a while.

use super::state::Shared;
use super::status::CloseReason;
use crate::Error;
use crate::options::CLEANUP_TIMEOUT;
use futures_util::future::{join, join_all};
use std::sync::Arc;
use tokio::time::timeout;
use underpin_core::ErrorKind;

impl Shared {
    /// Closes the pool and its reserved connection; idempotent and bounded.
    pub(crate) async fn close(&self) {
        let reserved = async {
            if let Some(reserved) = self.reserved.get() {
                Box::pin(reserved.close()).await;
            }
        };
        join(self.close_sessions(), reserved).await;
    }

    async fn close_sessions(&self) {
        let (idle, waiters) = {
            let mut state = self.state();
            state.closed = true;
            (
                std::mem::take(&mut state.idle),
                std::mem::take(&mut state.waiters),
            )
        };
        self.lanes.close();
        self.closing.notify_waiters();
        let told = Arc::new(Error::new(ErrorKind::ShuttingDown, "the pool is closing"));
        for waiter in waiters {
            let _ = waiter.hand.send(Err(told.clone()));
        }
        for idle in idle {
            self.discard(idle.connection, CloseReason::Shutdown);
        }
        if timeout(self.settings().shutdown_grace, self.all_returned())
            .await
            .is_err()
        {
            self.cut_off().await;
        }
    }

    /// The grace is over: cancels what runs, then ends the sockets under the sessions that are still held.
    async fn cut_off(&self) {
        let (wires, oldest) = {
            let state = self.state();
            (state.loans.wires(), state.loans.oldest())
        };
        let oldest = oldest.map(|held| held.to_string()).unwrap_or_default();
        tracing::warn!(
            sessions = wires.len(),
            oldest,
            "sessions were still in use when the pool closed"
        );
        let cancels = join_all(wires.iter().map(|wire| wire.cancel()));
        // What cannot be cancelled in time loses its connection all the same.
        let _ = timeout(CLEANUP_TIMEOUT, cancels).await;
        wires
            .iter()
            .for_each(|wire| wire.cut("the pool was closed"));
    }

    async fn all_returned(&self) {
        loop {
            let returned = self.returned.notified();
            tokio::pin!(returned);
            returned.as_mut().enable();
            if self.state().loans.len() == 0 {
                return;
            }
            returned.await;
        }
    }
}
