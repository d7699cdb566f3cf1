//! The pool's book: what is idle, what is lent, who waits, what failed last.

use super::Lease;
use super::loan::{LoanKey, Loans, Site};
use super::over;
use super::status::{CloseReason, Counters, Status};
use crate::connect::Connector;
use crate::lane::Lanes;
use crate::spawn::supervised;
use crate::telemetry::{Instruments, Watch};
use crate::wire::Wire;
use crate::{Error, Options};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use underpin_core::config::PoolSettings;
use underpin_core::{ErrorKind, Secret};

/// What all handles of one pool share.
pub(crate) struct Shared {
    pub(crate) connector: Connector,
    pub(crate) lanes: Arc<Lanes>,
    pub(super) runtime: Handle,
    state: Mutex<State>,
    /// Something ended connections from outside since: those of an older generation must first answer.
    generation: AtomicU64,
    /// Connections of an older generation than this are closed: their server changed its role.
    oldest_accepted: AtomicU64,
    pub(super) counters: Counters,
    pub(crate) instruments: Instruments,
    /// Told whenever a session comes back or a connection ends.
    pub(super) returned: Notify,
    /// Told when the pool begins to close.
    pub(super) closing: Notify,
    /// A pool of one connection for questions that must not wait for this one: see `reserved`.
    pub(super) reserved: OnceLock<Arc<Self>>,
}

/// Changed only under the lock.
pub(super) struct State {
    /// Last in, first out: the most recently used connection has the warmest caches.
    pub(super) idle: Vec<Idle>,
    /// First come, first served.
    pub(super) waiters: VecDeque<Waiter>,
    pub(super) next_waiter: u64,
    /// What is lent, or being cleaned after it was.
    pub(super) loans: Loans,
    /// Connections being opened.
    pub(super) creating: usize,
    /// How many may be opened at once just now: grows while waiters remain, see `create`.
    pub(super) ramp: usize,
    pub(super) failure: Option<Failure>,
    pub(super) closed: bool,
    /// The runtime has ended, and with it everything that opens and cleans connections.
    pub(super) stranded: bool,
    pub(super) size: usize,
    pub(super) max_overflow: usize,
}

pub(super) struct Idle {
    pub(super) connection: Pooled,
    pub(super) since: Instant,
}

/// A connection, the generation it was made in, and its entry in the book of loans while it is lent.
pub(super) struct Pooled {
    pub(super) wire: Arc<Wire>,
    pub(super) generation: u64,
    pub(super) loan: LoanKey,
}

impl Pooled {
    /// A connection made just now.
    pub(super) fn fresh(wire: Wire, generation: u64) -> Self {
        Self {
            wire: wire.into_shared(),
            generation,
            loan: LoanKey::default(),
        }
    }
}

pub(super) struct Waiter {
    pub(super) id: u64,
    pub(super) site: Site,
    pub(super) hand: oneshot::Sender<Result<Lease, Arc<Error>>>,
}

/// Connecting fails: since when, and why the last time.
#[derive(Clone)]
pub(super) struct Failure {
    pub(super) since: Instant,
    pub(super) error: Arc<Error>,
}

impl Shared {
    fn new(options: Options, runtime: Handle, instruments: Instruments) -> Result<Self, Error> {
        let PoolSettings {
            size, max_overflow, ..
        } = options.pool;
        let connector = Connector::new(options)?;
        let names = connector.names().clone();
        Ok(Self {
            lanes: Lanes::new(connector.options(), runtime.clone(), names)?,
            instruments,
            connector,
            runtime,
            state: Mutex::new(State {
                idle: Vec::with_capacity(size),
                waiters: VecDeque::new(),
                next_waiter: 0,
                loans: Loans::default(),
                creating: 0,
                ramp: 1,
                failure: None,
                closed: false,
                stranded: false,
                size,
                max_overflow,
            }),
            generation: AtomicU64::new(0),
            oldest_accepted: AtomicU64::new(0),
            counters: Counters::default(),
            returned: Notify::new(),
            closing: Notify::new(),
            reserved: OnceLock::new(),
        })
    }

    /// A pool with its upkeep running.
    pub(crate) fn start(options: Options) -> Result<Arc<Self>, Error> {
        let runtime = Handle::try_current().map_err(|cause| {
            Error::new(ErrorKind::Internal, "a pool needs a Tokio runtime").with_source(cause)
        })?;
        let instruments = Instruments::new(&options.url.database, &options.url.database);
        Self::start_on(runtime, options, instruments)
    }

    pub(super) fn start_on(
        runtime: Handle,
        options: Options,
        instruments: Instruments,
    ) -> Result<Arc<Self>, Error> {
        let pool = Arc::new(Self::new(options, runtime, instruments)?);
        let upkeep = super::upkeep::run(Arc::downgrade(&pool), over::Lifeline::of(&pool));
        pool.runtime.spawn(supervised("pool upkeep", upkeep));
        Ok(pool)
    }

    /// Takes over a connection made before the pool.
    pub(crate) fn adopt(self: &Arc<Self>, wire: Wire) {
        self.counters.opened();
        self.connector.tell_of_pooler(&wire);
        wire.watch_traces();
        let mut connection = Pooled::fresh(wire, self.generation());
        self.state().loans.open(&mut connection, None);
        self.lend_or_keep(connection);
    }

    pub(crate) fn set_password(&self, password: Secret<String>) {
        self.lanes.set_password(password.clone());
        if let Some(reserved) = self.reserved.get() {
            reserved.set_password(password.clone());
        }
        self.connector.set_password(password);
    }

    /// Changes the limits; sessions beyond them are closed now when idle, else when they come back.
    pub(crate) fn resize(self: &Arc<Self>, size: usize, max_overflow: usize) {
        let mut state = self.state();
        state.size = size;
        state.max_overflow = max_overflow;
        let keep = state.idle.len().min(size);
        let surplus = state.idle.split_off(keep);
        self.create_more(state);
        for idle in surplus {
            self.discard(idle.connection, CloseReason::Overflow);
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Would a checkout get a session at once?
    pub(crate) fn has_idle(&self) -> bool {
        !self.state().idle.is_empty()
    }

    /// Notes a finished statement.
    pub(crate) fn observe<T>(&self, sql: &str, watch: &Watch, outcome: &Result<T, Error>) {
        let settings = self.settings();
        watch.finish(
            sql,
            outcome,
            &self.instruments,
            settings.slow_query,
            settings.echo,
        );
    }

    pub(super) fn settings(&self) -> &PoolSettings {
        &self.connector.options().pool
    }

    pub(crate) fn options(&self) -> &Options {
        self.connector.options()
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// A connection was ended from outside: the others of its generation must answer before they are lent again.
    pub(super) fn doubt(&self, generation: u64) {
        let next = generation + 1;
        let _ =
            self.generation
                .compare_exchange(generation, next, Ordering::AcqRel, Ordering::Acquire);
    }

    /// The server no longer takes writes: no connection of this generation or an older one is lent again.
    pub(super) fn reject(&self, generation: u64) {
        self.doubt(generation);
        self.oldest_accepted
            .fetch_max(generation + 1, Ordering::AcqRel);
    }

    /// May this connection be lent again?
    pub(super) fn refuses(&self, connection: &Pooled) -> Option<CloseReason> {
        if connection.generation < self.oldest_accepted.load(Ordering::Acquire) {
            Some(CloseReason::Invalidated)
        } else if connection.wire.is_expired() {
            Some(CloseReason::Recycled)
        } else {
            None
        }
    }

    pub(super) fn discard(&self, connection: Pooled, reason: CloseReason) {
        tracing::debug!(
            pid = connection.wire.backend_pid(),
            reason = reason.name(),
            "connection closed"
        );
        self.counters.closed(reason);
        drop(connection);
        self.returned.notify_waiters();
    }

    pub(crate) fn status(&self) -> Status {
        let (lanes, lane_depth) = self.lanes.status();
        let state = self.state();
        let total = state.idle.len() + state.loans.len();
        Status {
            pool_size: state.size,
            max_overflow: state.max_overflow,
            checked_in: state.idle.len(),
            checked_out: state.loans.len(),
            overflow: total.saturating_sub(state.size),
            total,
            waiting: state.waiters.len(),
            creating: state.creating,
            lanes,
            lane_depth,
            created: self.counters.created(),
            closed: self.counters.closed_by_reason(),
        }
    }
}

impl State {
    /// Is no connection lent or opened any more?
    pub(super) fn is_over(&self) -> bool {
        self.closed || self.stranded
    }

    /// How many connections there may be.
    pub(super) fn limit(&self) -> usize {
        self.size + self.max_overflow
    }

    /// Connections that exist or are on their way.
    pub(super) fn committed(&self) -> usize {
        self.idle.len() + self.loans.len() + self.creating
    }

    /// Has connecting failed for so long that asking again is pointless? The circuit breaker.
    pub(super) fn is_down(&self, patience: Duration) -> bool {
        self.failure
            .as_ref()
            .is_some_and(|failure| failure.since.elapsed() >= patience)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
