//! The queue for a seat: first come, first served.

use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Who waits for a seat.
#[derive(Default)]
pub(super) struct Turns {
    freed: Notify,
    waiting: AtomicUsize,
}

impl Turns {
    /// Does somebody wait?
    pub(super) fn is_awaited(&self) -> bool {
        // In one order with the seats: either who waits sees the free seat, or who frees it sees who waits.
        self.waiting.load(Ordering::SeqCst) > 0
    }

    /// Seats have become free: as many of those who wait may look for one.
    pub(super) fn next(&self, seats: usize) {
        if self.is_awaited() {
            (0..seats).for_each(|_| self.freed.notify_one());
        }
    }

    /// Waits until `take` finds a seat.
    ///
    /// # Cancel safety
    /// Dropping the future passes the turn on, should it have come already.
    pub(super) async fn wait_for<T>(&self, mut take: impl FnMut() -> Option<T>) -> T {
        let place = Place::new(&self.waiting);
        let mut is_its_turn = place.is_first;
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            if is_its_turn && let Some(seat) = take() {
                return seat;
            }
            freed.await;
            is_its_turn = true;
        }
    }
}

/// One of those who wait, as long as it lives.
struct Place<'a> {
    waiting: &'a AtomicUsize,
    is_first: bool,
}

impl<'a> Place<'a> {
    fn new(waiting: &'a AtomicUsize) -> Self {
        let is_first = waiting.fetch_add(1, Ordering::SeqCst) == 0;
        Self { waiting, is_first }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}
