//! Returning a session: to whoever waits longest, else to the idle ones, else it is closed.

use super::Lease;
use super::state::{Idle, Pooled, Shared};
use super::status::CloseReason;
use crate::Error;
use crate::options::CLEANUP_TIMEOUT;
use crate::spawn::supervised;
use std::sync::Arc;
use std::time::Instant;
use tokio::time::timeout;

impl Shared {
    /// Takes a connection back in whatever state its user left it.
    pub(super) fn give_back(self: Arc<Self>, connection: Pooled) {
        if !connection.wire.is_alive() {
            self.doubt(connection.generation);
            self.end(connection, CloseReason::Broken);
        } else if connection.wire.is_clean()
            && !connection.wire.has_traces()
            && !self.connector.names().want_an_asker()
        {
            self.lend_or_keep(connection);
        } else {
            let runtime = self.runtime.clone();
            let cleaning = Cleaning {
                pool: self,
                connection: Some(connection),
            };
            runtime.spawn(supervised("pool clean", cleaning.run()));
        }
    }

    /// Gives a clean connection to the first waiter, or keeps it, or closes it: also under waiters when the pool has been
    /// made smaller.
    pub(super) fn lend_or_keep(self: &Arc<Self>, connection: Pooled) {
        if connection.wire.is_demoted() {
            self.reject(connection.generation);
        }
        if let Some(reason) = self.refuses(&connection) {
            return self.end(connection, reason);
        }
        let mut lease = Lease::pooled(connection, self.clone());
        loop {
            let mut state = self.state();
            if state.committed() > state.limit() {
                drop(state);
                return lease.end(CloseReason::Overflow);
            }
            let Some(waiter) = state.waiters.pop_front() else {
                let connection = lease.take();
                if state.is_over() || state.idle.len() >= state.size {
                    let reason = if state.is_over() {
                        CloseReason::Shutdown
                    } else {
                        CloseReason::Overflow
                    };
                    drop(state);
                    return self.end(connection, reason);
                }
                self.instruments
                    .use_time
                    .record(state.loans.close(&connection));
                state.idle.push(Idle {
                    connection,
                    since: Instant::now(),
                });
                state.ramp = 1;
                drop(state);
                self.returned.notify_waiters();
                return;
            };
            state.loans.pass_on(lease.connection(), waiter.site);
            drop(state);
            match waiter.hand.send(Ok(lease)) {
                Ok(()) => return,
                Err(Ok(unclaimed)) => lease = unclaimed,
                Err(Err(_)) => return,
            }
        }
    }

    /// Closes a lent connection, and opens another when somebody waits.
    pub(super) fn end(self: &Arc<Self>, connection: Pooled, reason: CloseReason) {
        let mut state = self.state();
        self.instruments
            .use_time
            .record(state.loans.close(&connection));
        self.create_more(state);
        self.discard(connection, reason);
    }
}

/// A connection being cleaned. When the task is dropped, or fails, it is closed and counted.
struct Cleaning {
    pool: Arc<Shared>,
    connection: Option<Pooled>,
}

impl Cleaning {
    /// Reads what is left, which is cancelled meanwhile, rolls back what is open, washes off what was left in the session,
    /// and asks what is not known of the statements that ran there; all of it bounded.
    async fn run(mut self) {
        let Some(wire) = self
            .connection
            .as_ref()
            .map(|connection| connection.wire.clone())
        else {
            return;
        };
        let work = async {
            wire.settle().await?;
            if wire.has_traces() {
                wire.wash().await?;
            }
            let names = self.pool.connector.names();
            if names.are_wanted() {
                wire.learn_names(names).await?;
            }
            Ok::<(), Error>(())
        };
        let settled = matches!(timeout(CLEANUP_TIMEOUT, work).await, Ok(Ok(())));
        if settled
            && wire.is_clean()
            && let Some(connection) = self.connection.take()
        {
            self.pool.lend_or_keep(connection);
        }
    }
}

impl Drop for Cleaning {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.end(connection, CloseReason::Unclean);
        }
    }
}
