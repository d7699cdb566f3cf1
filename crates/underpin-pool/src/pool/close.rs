//! Ending a pool: no more checkouts, waiters told, idle connections closed, lent ones awaited for a while.

use super::state::Shared;
use super::status::CloseReason;
use crate::Error;
use crate::options::SHUTDOWN_GRACE;
use std::sync::Arc;
use tokio::time::timeout;
use underpin_core::ErrorKind;

impl Shared {
    /// Closes the pool; idempotent and bounded.
    pub(crate) async fn close(&self) {
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
        if timeout(SHUTDOWN_GRACE, self.all_returned()).await.is_err() {
            let left = self.state().lent;
            tracing::warn!(
                sessions = left,
                "sessions were still in use when the pool closed"
            );
        }
    }

    async fn all_returned(&self) {
        loop {
            let returned = self.returned.notified();
            tokio::pin!(returned);
            returned.as_mut().enable();
            if self.state().lent == 0 {
                return;
            }
            returned.await;
        }
    }
}
