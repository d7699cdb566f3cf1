//! Lanes: a few shared connections on which single autocommit statements of many tasks are pipelined.
//!
//! A session serves one task at a time; its socket is written and read once a statement. On a lane the statements of
//! all waiting tasks leave in one packet and their answers come back in one, which about halves the work a statement
//! costs. Two things must not happen to the others on a lane: waiting behind something slow, and sharing a session's
//! state. Therefore
//!
//! * only statements are admitted that read or write rows and of which it is known that they leave nothing in the session
//!   and nothing at all when they are rolled back: see [`crate::footprint`];
//! * a statement runs on a session first; it is admitted once its time there is known to be short, and stays admitted
//!   while the lane's other statements do not wait for it;
//! * the server ends a lane's statement after [`PATIENCE`], and a wait for a lock too: it is rolled back, so it is run
//!   again on a session, and does not come back to the lanes until it is fast there or some time has passed;
//! * a statement on a lane is never cancelled, since the cancel could hit another caller's;
//! * when all lanes are full, missing or broken, the statement waits for a seat and for a session at once and takes
//!   what comes first.

mod connection;
mod route;
mod turn;

pub(crate) use connection::Seat;

use crate::connect::Connector;
use crate::footprint::Names;
use crate::spawn::supervised;
use crate::{Error, Options};
use connection::{DEPTH_MAX, Lane};
use route::Routes;
use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;
use turn::Turns;
use underpin_core::{Chain, ErrorKind, Secret};

/// How long the server works on a lane's statement, or lets it wait for a lock.
const PATIENCE: Duration = Duration::from_millis(100);

/// After a failed attempt to open a lane nothing is tried for this long.
const PAUSE: Duration = Duration::from_secs(1);

/// The lanes of one pool.
pub(crate) struct Lanes {
    connector: Connector,
    runtime: Handle,
    slots: Vec<Slot>,
    routes: Routes,
    bounds: Bounds,
    turns: Arc<Turns>,
    /// Autocommit statements under way. While they are few, an idle session answers sooner than a lane.
    active: AtomicUsize,
    closed: AtomicBool,
    /// A pooler stands between: it does not let a lane bound its statements' time.
    useless: AtomicBool,
}

/// Which limits of a lane's statements are those of the lane: the others are the pool's own, and shorter.
struct Bounds {
    statement: bool,
    lock: bool,
}

#[derive(Default)]
struct Slot {
    lane: RwLock<Option<Arc<Lane>>>,
    connecting: AtomicBool,
}

impl Lanes {
    /// Nothing is connected until lanes are first needed.
    pub(crate) fn new(
        options: &Options,
        runtime: Handle,
        names: Arc<Names>,
    ) -> Result<Arc<Self>, Error> {
        let mut options = options.clone();
        // Lanes share names of statements: without names there is nothing to share.
        let lanes = match options.pool.statement_cache {
            0 => 0,
            _ => options.pool.lanes,
        };
        let is_ours = |own: Option<Duration>| own.is_none_or(|own| own > PATIENCE);
        let bounds = Bounds {
            statement: is_ours(options.pool.statement_timeout),
            lock: is_ours(options.pool.lock_timeout),
        };
        let bounded = |own: Option<Duration>| Some(own.map_or(PATIENCE, |own| own.min(PATIENCE)));
        options.pool.statement_timeout = bounded(options.pool.statement_timeout);
        options.pool.lock_timeout = bounded(options.pool.lock_timeout);
        Ok(Arc::new(Self {
            connector: Connector::new(options)?,
            runtime,
            slots: (0..lanes).map(|_| Slot::default()).collect(),
            routes: Routes::of(names),
            bounds,
            turns: Arc::default(),
            active: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            useless: AtomicBool::new(false),
        }))
    }

    /// Announces an autocommit statement.
    pub(crate) fn enter(self: &Arc<Self>) -> Active<'_> {
        let others = self.active.fetch_add(1, Ordering::Relaxed);
        Active {
            lanes: self,
            others,
        }
    }

    /// How many lanes are connected, and how many statements are on them.
    pub(crate) fn status(&self) -> (usize, usize) {
        let lanes = self
            .slots
            .iter()
            .filter_map(Slot::lane)
            .filter(|lane| lane.is_usable());
        lanes.fold((0, 0), |(lanes, depth), lane| {
            (lanes + 1, depth + lane.depth())
        })
    }

    pub(crate) fn set_password(&self, password: Secret<String>) {
        self.connector.set_password(password);
    }

    /// Ends the lanes, each as soon as its statements are answered.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.slots.iter().for_each(|slot| slot.put(None));
    }

    /// A seat on the lane with the fewest statements. What is missing is connected in the background.
    fn seat(self: &Arc<Self>) -> Option<Seat> {
        let mut best: Option<Arc<Lane>> = None;
        for (index, slot) in self.slots.iter().enumerate() {
            match slot.lane() {
                Some(lane) if lane.is_usable() => {
                    if best.as_ref().is_none_or(|best| lane.depth() < best.depth()) {
                        best = Some(lane);
                    }
                }
                _ => self.connect(index),
            }
        }
        best?.seat()
    }

    fn connect(self: &Arc<Self>, index: usize) {
        let busy = self.slots[index].connecting.swap(true, Ordering::AcqRel);
        if busy || self.useless.load(Ordering::Acquire) {
            return;
        }
        if !self.closed.load(Ordering::Acquire) {
            let lanes = self.clone();
            self.runtime.spawn(supervised("lane create", async move {
                let outcome = lanes.connector.connect().await;
                let slot = &lanes.slots[index];
                match outcome {
                    Ok(_) if lanes.closed.load(Ordering::Acquire) => {}
                    Ok(wire)
                        if wire.statements().is_pooled() || lanes.connector.refuses_options() =>
                    {
                        return lanes.switch_off();
                    }
                    Ok(wire) => {
                        let lane = Lane::start(wire, &lanes.runtime, lanes.turns.clone());
                        slot.put(Some(Arc::new(lane)));
                        lanes.turns.next(DEPTH_MAX);
                    }
                    // Attempts for sessions tell the user what is wrong; a lane only makes things faster.
                    Err(error) => {
                        tracing::debug!(error = %Chain(&error), "could not open a lane");
                        let _ = timeout(PAUSE, pending::<()>()).await;
                    }
                }
                slot.connecting.store(false, Ordering::Release);
                // Whoever waits asks for a lane that is still missing.
                lanes.turns.next(1);
            }));
        }
    }
}

impl Lanes {
    /// For good: no lane is asked for again.
    fn switch_off(&self) {
        if !self.useless.swap(true, Ordering::AcqRel) {
            tracing::info!(
                "lanes are off: a pooler stands before PostgreSQL, which cannot bound the time of a lane's statements"
            );
        }
    }
}

impl Slot {
    fn lane(&self) -> Option<Arc<Lane>> {
        self.lane
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn put(&self, lane: Option<Arc<Lane>>) {
        let old = std::mem::replace(
            &mut *self.lane.write().unwrap_or_else(PoisonError::into_inner),
            lane,
        );
        drop(old);
    }
}

/// An autocommit statement under way.
pub(crate) struct Active<'a> {
    lanes: &'a Arc<Lanes>,
    /// How many others there were when it began.
    others: usize,
}

impl Active<'_> {
    /// Is the statement one for lanes?
    pub(crate) fn fits(&self, sql: &str) -> bool {
        !self.lanes.slots.is_empty() && self.lanes.routes.fits(sql)
    }

    /// A seat that is free now, when that is the better place: while few statements are under way an idle session
    /// answers sooner. Nobody takes a seat before those who wait for one.
    pub(crate) fn seat(&self, sql: &str, has_idle: impl FnOnce() -> bool) -> Option<Seat> {
        let prefers_session = self.others < self.lanes.slots.len() && has_idle();
        let must_wait = self.lanes.turns.is_awaited() || self.lanes.routes.bars(sql).is_some();
        match prefers_session || must_wait {
            true => None,
            false => self.lanes.seat(),
        }
    }

    /// Waits for a seat, first come, first served; a statement that is barred from lanes waits first until it no longer
    /// is.
    ///
    /// # Cancel safety
    /// Dropping the future gives up the place in the queue.
    pub(crate) async fn seat_in_turn(&self, sql: &str) -> Seat {
        while let Some(rest) = self.lanes.routes.bars(sql) {
            let _ = timeout(rest, pending::<()>()).await;
        }
        self.lanes.turns.wait_for(|| self.lanes.seat()).await
    }

    /// Did the server end the statement because lanes have no time for it? Then it is rolled back and may run again, since
    /// nothing of it outlives that. When it was not there for as long as lanes have patience, somebody else has ended it, a
    /// person or a NOWAIT of its own.
    pub(crate) fn must_leave(&self, sql: &str, seat: &Seat, error: &Error) -> bool {
        let is_ours = match error.kind() {
            ErrorKind::Cancelled => self.lanes.bounds.statement,
            ErrorKind::LockTimeout => self.lanes.bounds.lock,
            _ => false,
        };
        let leaves = is_ours && seat.held() >= PATIENCE;
        if leaves {
            self.lanes.routes.expel(sql);
        }
        leaves
    }

    /// Notes how long the server was busy with the statement.
    pub(crate) fn learn(&self, sql: &str, took: Duration) {
        if !self.lanes.slots.is_empty() {
            self.lanes.routes.learn(sql, took);
        }
    }
}

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.lanes.active.fetch_sub(1, Ordering::Relaxed);
    }
}
