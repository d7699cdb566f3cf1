//! One lane: a connection with a task of its own that reads and writes for everybody.

use super::turn::Turns;
use crate::rows::Sink;
use crate::wire::Wire;
use crate::{Error, Params};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// How many statements may be on a lane at once.
pub(super) const DEPTH_MAX: usize = 64;

/// A connection shared by many tasks.
pub(crate) struct Lane {
    wire: Arc<Wire>,
    depth: AtomicUsize,
    /// When the latest answer came, in microseconds since `began`.
    answered: AtomicU64,
    began: Instant,
    attendant: AbortHandle,
    turns: Arc<Turns>,
}

impl Lane {
    pub(super) fn start(wire: Wire, runtime: &Handle, turns: Arc<Turns>) -> Self {
        let wire = Arc::new(wire.shared());
        let attended = Attended(Arc::downgrade(&wire));
        let attend = wire.clone().attend();
        let attendant = runtime.spawn(async move {
            let _attended = attended;
            attend.await;
        });
        Self {
            wire,
            depth: AtomicUsize::new(0),
            answered: AtomicU64::new(0),
            began: Instant::now(),
            attendant: attendant.abort_handle(),
            turns,
        }
    }

    /// How many statements are on it.
    pub(crate) fn depth(&self) -> usize {
        self.depth.load(Ordering::SeqCst)
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.wire.has_ended() && !self.wire.is_expired()
    }

    /// Takes a place, unless the lane is full.
    pub(crate) fn seat(self: Arc<Self>) -> Option<Seat> {
        let more = |depth| (depth < DEPTH_MAX).then_some(depth + 1);
        let taken = self
            .depth
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
        taken.ok().map(|_| Seat {
            taken: self.now(),
            lane: self,
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// Ends the connection when its task is dropped under statements that wait, as an ending runtime does.
struct Attended(Weak<Wire>);

impl Drop for Attended {
    fn drop(&mut self) {
        if let Some(wire) = self.0.upgrade() {
            wire.cut("the Tokio runtime of the pool has ended");
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.attendant.abort();
    }
}

/// A place on a lane, for one statement. The lane lives at least as long.
///
/// # Cancel safety
/// Dropping a statement's future leaves the statement running; its answer is read and thrown away.
pub(crate) struct Seat {
    lane: Arc<Lane>,
    taken: u64,
}

impl Seat {
    pub(crate) async fn fetch<S: Sink>(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<S::Output, Error> {
        self.lane.wire.fetch::<S>(None, sql, params).await
    }

    /// For how long the statement has had its place: the server was busy with it no longer.
    pub(super) fn held(&self) -> Duration {
        Duration::from_micros(self.lane.now().saturating_sub(self.taken))
    }

    /// About how long the server was busy with this statement: since the answer before it, or since it was sent.
    pub(crate) fn took(&self) -> Duration {
        let now = self.lane.now();
        let before = self.lane.answered.fetch_max(now, Ordering::AcqRel);
        Duration::from_micros(now.saturating_sub(before.max(self.taken)))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.lane.depth.fetch_sub(1, Ordering::SeqCst);
        self.lane.turns.next(1);
    }
}
