//! Trying again after a table lock was not granted in time.

use super::Migrator;
use super::backoff::{Backoff, pause};
use super::step::{FIRST_PAUSE, LONGEST_PAUSE};
use crate::progress::{Event, Progress};
use underpin_core::ErrorKind;

/// The attempts at one thing that `lock_attempts` allows.
pub(super) struct Attempts<'a> {
    progress: &'a dyn Progress,
    backoff: Backoff,
    attempt: u32,
    attempts: u32,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(migrator: &'a Migrator) -> Self {
        Self {
            progress: migrator.progress.as_ref(),
            backoff: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE),
            attempt: 1,
            attempts: migrator.settings.lock_attempts,
        }
    }

    /// May another one help, after an error of this kind: a lock that was not granted in time, a deadlock?
    pub(super) fn may_help(&self, kind: ErrorKind) -> bool {
        matches!(kind, ErrorKind::LockTimeout | ErrorKind::Serialization)
            && self.attempt < self.attempts
    }

    /// Lets others through before the next one.
    pub(super) async fn pause(&mut self, file: &str, ordinal: u32) {
        let wait = self.backoff.next();
        self.progress.tell(&Event::Retrying {
            file,
            ordinal,
            attempt: self.attempt,
            attempts: self.attempts,
            pause: wait,
        });
        pause(wait).await;
        self.attempt += 1;
    }
}
