//! Opening connections in the background, a few at a time.
//!
//! A checkout never owns the connection attempt it caused: were it aborted with every impatient caller, short
//! timeouts would make a storm of attempts of which none succeeds. Attempts belong to the pool, waiters take whatever
//! comes first, a returned session or a new one.
//!
//! When connecting fails, one attempt at a time goes on with growing pauses; after the checkout deadline's length of
//! failures the pool counts as down and checkouts fail at once, until an attempt succeeds.

use super::state::{Failure, Pooled, Shared, State};
use crate::options::CREATE_CONCURRENCY;
use crate::wire::Wire;
use crate::{Error, spawn};
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use underpin_core::{Chain, ErrorKind};

/// The first pause after a failed attempt.
const BACKOFF_MIN: Duration = Duration::from_millis(20);
/// The longest pause: a database that is back is found within this time.
const BACKOFF_MAX: Duration = Duration::from_millis(250);

impl Shared {
    /// Starts as many attempts as there are waiters without one, within the limits.
    ///
    /// Takes the lock and lets it go first: a runtime that is ending drops what it is given at once, and an attempt that
    /// is dropped takes the lock.
    pub(super) fn create_more(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        let down = state.is_down(self.settings().timeout);
        let missing = self.settings().min_idle.saturating_sub(state.idle.len());
        let wanted = state.waiters.len().max(missing).max(usize::from(down));
        let mut attempts = 0;
        while !state.is_over()
            && state.creating < wanted.min(state.attempts_allowed())
            && state.committed() < state.limit()
        {
            state.creating += 1;
            attempts += 1;
        }
        drop(state);
        for _ in 0..attempts {
            let attempt = Attempt::new(self.clone());
            self.runtime
                .spawn(spawn::supervised("pool create", attempt.run()));
        }
    }

    fn created(self: &Arc<Self>, wire: Wire) {
        self.counters.opened();
        tracing::debug!(pid = wire.backend_pid(), "connection opened");
        self.connector.tell_of_pooler(&wire);
        wire.watch_traces();
        let mut connection = Pooled::fresh(wire, self.generation());
        let mut state = self.state();
        state.failure = None;
        state.creating -= 1;
        state.loans.open(&mut connection, None);
        if !state.waiters.is_empty() {
            state.ramp = (state.ramp * 2).min(CREATE_CONCURRENCY);
        }
        drop(state);
        self.lend_or_keep(connection);
        self.create_more(self.state());
    }

    /// Notes the failure; true when it makes sense to try again. Else the attempt's place is given up, under the same
    /// lock: of several attempts that fail together one must find itself the last, and go on.
    fn failed(&self, error: Error) -> bool {
        let mut state = self.state();
        if state.is_over() {
            state.creating -= 1;
            return false;
        }
        tracing::warn!(error = %Chain(&error), "could not open a connection");
        let error = Arc::new(error);
        let now = Instant::now();
        let since = state.failure.as_ref().map_or(now, |failure| failure.since);
        if needs_a_person(error.kind()) && state.idle.len() + state.loans.len() == 0 {
            state.failure = None;
            state.creating -= 1;
            let waiters = std::mem::take(&mut state.waiters);
            drop(state);
            for waiter in waiters {
                let _ = waiter.hand.send(Err(error.clone()));
            }
            return false;
        }
        state.failure = Some(Failure { since, error });
        let down = state.is_down(self.settings().timeout);
        // One attempt goes on; others that were under way when the failures began end here.
        let last = state.creating == 1;
        let again = last && (down || !state.waiters.is_empty());
        if !again {
            state.creating -= 1;
            if last {
                state.failure = None;
            }
        }
        again
    }
}

impl State {
    /// One while connecting fails; else one more than last time it was not enough, as long as sessions exist that
    /// may come back sooner than a new one is made.
    fn attempts_allowed(&self) -> usize {
        if self.failure.is_some() {
            1
        } else if self.idle.len() + self.loans.len() == 0 {
            CREATE_CONCURRENCY
        } else {
            self.ramp
        }
    }
}

/// Will trying again not help until somebody changes something?
fn needs_a_person(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Authentication
            | ErrorKind::UnknownDatabase
            | ErrorKind::TlsRequired
            | ErrorKind::Tls
            | ErrorKind::Config
            | ErrorKind::PermissionDenied
    )
}

/// One place among the connections being opened; given up when dropped.
struct Attempt {
    pool: Arc<Shared>,
    counted: bool,
}

impl Attempt {
    fn new(pool: Arc<Shared>) -> Self {
        Self {
            pool,
            counted: true,
        }
    }

    async fn run(mut self) {
        let mut pause = BACKOFF_MIN;
        loop {
            let began = Instant::now();
            match self.pool.connector.connect().await {
                Ok(wire) => {
                    self.pool.instruments.create_time.record(began.elapsed());
                    self.counted = false;
                    return self.pool.created(wire);
                }
                Err(error) => {
                    self.counted = self.pool.failed(error);
                    if !self.counted {
                        return;
                    }
                }
            }
            // Decorrelated jitter: attempts of many processes drift apart.
            let _ = timeout(pause, self.pool.closing.notified()).await;
            pause = rand::random_range(BACKOFF_MIN..=pause * 3).min(BACKOFF_MAX);
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.counted {
            self.pool.state().creating -= 1;
        }
    }
}
