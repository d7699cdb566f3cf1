//! Wakes every task that waits on one socket.
//!
//! A session's socket is read by whichever task waits for an answer. When two statements of one transaction are in
//! flight, the socket remembers only the waker of the task that read last; so it is always given this one, which
//! wakes all of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// The tasks waiting on one socket.
#[derive(Debug, Default)]
pub(crate) struct Wakers(Mutex<Vec<Option<Waker>>>);

impl Wakers {
    /// Remembers a task; reuses `slot` when the task already has one.
    pub(crate) fn register(&self, slot: &mut Option<usize>, waker: &Waker) {
        let mut wakers = self.lock();
        let index = *slot.get_or_insert_with(|| {
            wakers.iter().position(Option::is_none).unwrap_or_else(|| {
                wakers.push(None);
                wakers.len() - 1
            })
        });
        match &mut wakers[index] {
            Some(known) if known.will_wake(waker) => {}
            entry => *entry = Some(waker.clone()),
        }
    }

    /// Forgets a task, and wakes the others: one of them must take over reading.
    pub(crate) fn leave(&self, slot: Option<usize>) {
        let Some(index) = slot else { return };
        let mut wakers = self.lock();
        wakers[index] = None;
        let others: Vec<Waker> = wakers.iter().flatten().cloned().collect();
        drop(wakers);
        others.iter().for_each(Waker::wake_by_ref);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<Waker>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let waiting: Vec<Waker> = self.lock().iter().flatten().cloned().collect();
        waiting.iter().for_each(Waker::wake_by_ref);
    }
}
