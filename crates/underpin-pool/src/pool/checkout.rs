//! Taking a session: an idle one at once, or the next one that comes free, within one total deadline.

use super::loan::Site;
use super::over::runtime_ended;
use super::state::{Failure, Idle, Shared, State, Waiter};
use super::status::CloseReason;
use super::{Lease, Status};
use crate::Error;
use crate::options::{PRE_PING_IDLE, PRE_PING_TIMEOUT};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::coop::consume_budget;
use tokio::time::{timeout, timeout_at};
use underpin_core::{ErrorKind, counted};

type Handed = Result<Lease, Arc<Error>>;

/// What the book says to a checkout.
enum Answer {
    Idle(Idle),
    Wait(Waiting),
}

impl Shared {
    /// Takes a session within `patience` of `began`: waiting, connecting and asking for a sign of life included.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the place in the queue; a session already handed over goes back.
    pub(crate) async fn checkout(
        self: &Arc<Self>,
        began: Instant,
        patience: Duration,
        site: Site,
    ) -> Result<Lease, Error> {
        let deadline = began + patience;
        // Most answers come at once, also that the database is down. Callers who then ask again at once must not keep the
        // runtime's threads from the very attempt that would find it back.
        consume_budget().await;
        loop {
            match self.ask(site)? {
                Answer::Idle(idle) => {
                    if let Some(lease) = self.examine(idle, deadline).await {
                        self.instruments.wait_time.record(began.elapsed());
                        return Ok(lease);
                    }
                    if Instant::now() >= deadline {
                        return Err(self.waited_in_vain(began));
                    }
                }
                Answer::Wait(mut waiting) => {
                    let outcome = timeout_at(deadline.into(), &mut waiting.handed).await;
                    // Out of the queue first: who waits now are others.
                    drop(waiting);
                    return match outcome {
                        Ok(Ok(Ok(lease))) => {
                            self.instruments.wait_time.record(began.elapsed());
                            Ok(lease)
                        }
                        Ok(Ok(Err(cause))) => Err(self.sent_away(&cause)),
                        Ok(Err(_)) => Err(closed()),
                        Err(_) => Err(self.waited_in_vain(began)),
                    };
                }
            }
        }
    }

    fn ask(self: &Arc<Self>, site: Site) -> Result<Answer, Error> {
        let mut state = self.state();
        if let Some(refusal) = state.refusal() {
            return Err(refusal);
        }
        if state.waiters.is_empty()
            && let Some(mut idle) = state.idle.pop()
        {
            state.loans.open(&mut idle.connection, site);
            return Ok(Answer::Idle(idle));
        }
        if state.is_down(self.settings().timeout)
            && let Some(failure) = state.failure.clone()
        {
            self.create_more(state);
            return Err(is_down(&failure));
        }
        let (hand, handed) = oneshot::channel();
        let id = state.next_waiter;
        state.next_waiter += 1;
        state.waiters.push_back(Waiter { id, site, hand });
        self.create_more(state);
        Ok(Answer::Wait(Waiting {
            id,
            handed,
            pool: self.clone(),
        }))
    }

    /// Decides whether an idle connection may be lent: free checks always, a bounded question after a long silence.
    async fn examine(self: &Arc<Self>, idle: Idle, deadline: Instant) -> Option<Lease> {
        let Idle {
            mut connection,
            since,
        } = idle;
        if let Some(reason) = self.refuses(&connection) {
            self.end(connection, reason);
            return None;
        }
        if !connection.wire.is_alive() {
            self.doubt(connection.generation);
            self.end(connection, CloseReason::Broken);
            return None;
        }
        let generation = self.generation();
        let doubted = connection.generation != generation;
        let silent = self.settings().pre_ping && since.elapsed() >= PRE_PING_IDLE;
        if !doubted && !silent {
            return Some(Lease::pooled(connection, self.clone()));
        }
        connection.generation = generation;
        let lease = Lease::pooled(connection, self.clone());
        let limit = PRE_PING_TIMEOUT.min(deadline.saturating_duration_since(Instant::now()));
        match timeout(limit, lease.wire().ping()).await {
            Ok(Ok(())) => Some(lease),
            Ok(Err(_)) | Err(_) => {
                self.doubt(generation);
                lease.end(CloseReason::Broken);
                None
            }
        }
    }

    /// Why everybody who waited is sent away.
    fn sent_away(&self, cause: &Arc<Error>) -> Error {
        let refusal = self.state().refusal();
        refusal.unwrap_or_else(|| cannot_connect(cause))
    }

    fn waited_in_vain(&self, began: Instant) -> Error {
        let Status {
            pool_size,
            max_overflow,
            checked_in,
            checked_out,
            waiting,
            creating,
            ..
        } = self.status();
        let (failure, oldest) = {
            let state = self.state();
            (state.failure.clone(), state.loans.oldest())
        };
        let message = format!(
            "no session within {:.1?}: {checked_out} in use, {checked_in} idle, {creating} being opened, \
             {} waiting; limit {pool_size} + {max_overflow}",
            began.elapsed(),
            counted(waiting, "other"),
        );
        self.instruments.timeouts.increment(1);
        let error = Error::new(ErrorKind::CheckoutTimeout, message);
        match (failure, oldest) {
            (Some(failure), _) => {
                let hint = format!("connecting has failed for {:.1?}", failure.since.elapsed());
                error.with_source(failure.error).with_hint(hint)
            }
            (None, Some(oldest)) => error.with_hint(format!(
                "look for slow statements or raise DB_POOL_SIZE; the longest is held for {oldest}"
            )),
            (None, None) => {
                error.with_hint("the server does not answer connection attempts in time")
            }
        }
    }
}

fn cannot_connect(cause: &Arc<Error>) -> Error {
    let error = Error::new(cause.kind(), "could not connect").with_source(cause.clone());
    match cause.hint() {
        Some(hint) => error.with_hint(String::from(hint)),
        None => error,
    }
}

fn is_down(failure: &Failure) -> Error {
    let since = failure.since.elapsed();
    Error::new(
        ErrorKind::Unavailable,
        format!("the database has been unreachable for {since:.1?}"),
    )
    .with_source(failure.error.clone())
    .with_hint("it is tried again in the background")
}

fn closed() -> Error {
    Error::new(ErrorKind::ShuttingDown, "the pool is closed")
}

/// A place in the queue; given up when dropped.
struct Waiting {
    id: u64,
    handed: oneshot::Receiver<Handed>,
    pool: Arc<Shared>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.pool.state().forget(self.id);
    }
}

impl State {
    /// Why nothing is lent any more.
    fn refusal(&self) -> Option<Error> {
        match (self.closed, self.stranded) {
            (true, _) => Some(closed()),
            (false, true) => Some(runtime_ended()),
            (false, false) => None,
        }
    }

    /// Takes a waiter out of the queue; ids in it only grow.
    fn forget(&mut self, id: u64) {
        if let Ok(place) = self.waiters.binary_search_by_key(&id, |waiter| waiter.id) {
            self.waiters.remove(place);
        }
    }
}
