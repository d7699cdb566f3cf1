//! What is known of the rows of one round, and what must be in the table therefore.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use underpin_pool::{Error, ErrorKind};

/// From when something was asked for to when its end was known, by the clock of the book.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) asked: u64,
    pub(super) answered: u64,
}

/// A savepoint that has ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) set: Span,
    pub(super) end: Span,
    pub(super) how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Released,
    Undone,
    /// Its end was given up, or failed.
    Unknown,
}

impl Ended {
    /// May what was written then have been undone by it?
    fn may_undo(&self, written: Span) -> bool {
        self.how != How::Released
            && written.answered >= self.set.asked
            && written.asked <= self.end.answered
    }

    /// Was it set, rolled back to at the end, and what was written then written between?
    fn undoes(&self, written: Span) -> bool {
        self.how == How::Undone
            && written.asked > self.set.answered
            && written.answered < self.end.asked
    }

    /// May the end of this one have taken the other along, because it was older?
    fn may_end(&self, other: &Self) -> bool {
        self.set.asked < other.set.answered
            && self.end.answered > other.set.asked
            && self.end.asked < other.end.answered
    }
}

/// Written by all tasks of a round.
#[derive(Debug, Default)]
pub(super) struct Book(Mutex<Known>);

#[derive(Debug, Default)]
pub(super) struct Known {
    clock: u64,
    ids: i32,
    /// Acknowledged.
    pub(super) written: BTreeMap<i32, Span>,
    /// Given up midway.
    pub(super) maybe: BTreeSet<i32>,
    pub(super) savepoints: Vec<Ended>,
    /// Something was given up that the server may have been working on.
    pub(super) gave_up: bool,
    /// The server refused a statement.
    pub(super) failed: bool,
    pub(super) copied: bool,
    pub(super) used_savepoints: bool,
    /// SQL of its own ended the transaction.
    pub(super) ended_by_sql: bool,
    /// Each statement stands for itself: no other may be cancelled with the one that was given up.
    pub(super) stands_alone: bool,
}

impl Book {
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().expect("no task panicked")
    }

    pub(super) fn now(&self) -> u64 {
        let mut known = self.known();
        known.clock += 1;
        known.clock
    }

    pub(super) fn ids(&self, count: i32) -> std::ops::Range<i32> {
        let mut known = self.known();
        known.ids += count;
        known.ids - count..known.ids
    }

    /// Notes how rows fared that were asked to be written at `asked`; None was given up.
    pub(super) fn rows<T>(
        &self,
        ids: impl IntoIterator<Item = i32>,
        asked: u64,
        outcome: Option<&Result<T, Error>>,
    ) {
        let answered = self.now();
        let mut known = self.known();
        match outcome {
            Some(Ok(_)) => known
                .written
                .extend(ids.into_iter().map(|id| (id, Span { asked, answered }))),
            Some(Err(_)) => {}
            None => known.maybe.extend(ids),
        }
    }

    /// Notes an outcome, and says so when it cannot be right.
    pub(super) fn heard<T>(&self, what: &str, outcome: Option<&Result<T, Error>>) {
        let mut known = self.known();
        match outcome {
            Some(Ok(_)) => {}
            None => known.gave_up = true,
            Some(Err(error)) => {
                known.failed |= error.code().is_some();
                let is_allowed = match (error.kind(), error.code()) {
                    (ErrorKind::InvalidInput, None) => what == "a value that does not fit",
                    // Refused here: a COPY is being written, or the transaction is over.
                    (ErrorKind::TransactionState, None) => known.copied || known.ended_by_sql,
                    (ErrorKind::Cancelled, _) => known.gave_up && !known.stands_alone,
                    // The transaction has failed before.
                    (ErrorKind::TransactionState, Some("25P02")) => known.failed || known.gave_up,
                    // A savepoint, or a portal, that went with an older savepoint of another task.
                    (_, Some("3B001" | "34000")) => known.used_savepoints,
                    (_, Some("22012")) => what == "a division by zero",
                    _ => false,
                };
                assert!(is_allowed, "{what}: {}", underpin_core::Chain(error));
            }
        }
    }
}

impl Known {
    /// Compares the rows of the table after a commit.
    pub(super) fn check(&self, rows: &BTreeSet<i32>) {
        for id in rows {
            let is_known = self.written.contains_key(id) || self.maybe.contains(id);
            assert!(is_known, "row {id} was never written with success");
        }
        for (id, written) in &self.written {
            let is_undone = self.savepoints.iter().enumerate().any(|(own, savepoint)| {
                let mut others = self.savepoints.iter().enumerate();
                let stood = !others.any(|(other, one)| other != own && one.may_end(savepoint));
                stood && savepoint.undoes(*written)
            });
            let mut savepoints = self.savepoints.iter();
            if is_undone {
                assert!(!rows.contains(id), "row {id} was rolled back: {self:?}");
            } else if !savepoints.any(|savepoint| savepoint.may_undo(*written)) {
                assert!(rows.contains(id), "row {id} is lost: {self:?}");
            }
        }
    }
}
