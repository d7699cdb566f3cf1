//! What all connections hold together, and which of them is closed for the others' sake.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// What is younger is not cut off for others: most clients have sent their request, or taken their answer, by then.
const GRACE: Duration = Duration::from_secs(1);

/// The open connections and the bytes that they hold.
#[derive(Clone)]
pub(crate) struct Ledger(Arc<Shared>);

struct Shared {
    /// Bytes that wait for clients or came from them, at most.
    limit: usize,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    held: usize,
    last: u64,
    accounts: HashMap<u64, Entry>,
}

/// A connection as the ledger sees it.
struct Entry {
    phase: Phase,
    /// When the phase began.
    since: Instant,
    bytes: Bytes,
    cut: Arc<Notify>,
}

/// What a connection holds in memory.
#[derive(Debug, Clone, Copy, Default)]
struct Bytes {
    /// Of the request's body, received so far.
    request: usize,
    /// Of the answer's body, not handed to hyper yet.
    left: usize,
    /// Of the answer, handed to hyper and not written yet.
    queued: usize,
    /// hyper has the whole answer.
    is_whole: bool,
}

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing came yet.
    New,
    /// The head of a request is under way.
    Head,
    /// A request is being handled.
    Busy,
    /// Its answer is on the way to the client.
    Answering,
    /// Nothing is under way: the client may send another request.
    Idle,
    /// It was cut off: its task is about to end.
    Cut,
}

/// The entry of one connection, which leaves the ledger when the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Account(Arc<Owned>);

struct Owned {
    number: u64,
    ledger: Ledger,
    cut: Arc<Notify>,
}

impl Ledger {
    /// For connections that hold `limit` bytes together at most.
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(Shared {
            limit,
            book: Mutex::default(),
        }))
    }

    /// Adds a connection.
    pub(crate) fn open(&self) -> Account {
        let cut = Arc::new(Notify::new());
        let mut book = self.book();
        book.last += 1;
        let number = book.last;
        book.accounts.insert(
            number,
            Entry {
                phase: Phase::New,
                since: Instant::now(),
                bytes: Bytes::default(),
                cut: Arc::clone(&cut),
            },
        );
        drop(book);
        Account(Arc::new(Owned {
            number,
            ledger: self.clone(),
            cut,
        }))
    }

    /// Bytes that all connections hold.
    pub(crate) fn held(&self) -> usize {
        self.book().held
    }

    /// Closes one connection so that another finds a place: the one that has been idle longest, else the one that has been
    /// silent longest since it was opened, else the one that has been taking its answer longest. Says whether there was one.
    pub(crate) fn close_one(&self) -> bool {
        let mut book = self.book();
        let victim = book
            .oldest(|entry| entry.phase == Phase::Idle)
            .or_else(|| book.oldest(Entry::is_late))
            .or_else(|| book.oldest(Entry::may_be_cut));
        book.cut(victim)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn oldest(&self, counts: impl Fn(&Entry) -> bool) -> Option<u64> {
        let candidates = self.accounts.iter().filter(|(_, entry)| counts(entry));
        candidates
            .min_by_key(|(number, entry)| (entry.since, **number))
            .map(|(number, _)| *number)
    }

    fn cut(&mut self, victim: Option<u64>) -> bool {
        let Some(entry) = victim.and_then(|number| self.accounts.get_mut(&number)) else {
            return false;
        };
        entry.phase = Phase::Cut;
        // Its memory is free as soon as its task has run, which the notification sees to.
        self.held -= std::mem::take(&mut entry.bytes).sum();
        entry.cut.notify_one();
        true
    }
}

impl Book {
    /// Changes an entry and the sum of all with it; not once the connection was cut off.
    fn change(&mut self, number: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.accounts.get_mut(&number)
            && entry.phase != Phase::Cut
        {
            let before = entry.bytes.sum();
            change(entry);
            self.held = self.held + entry.bytes.sum() - before;
        }
    }
}

impl Entry {
    /// Has this client had time to send the head of its request?
    fn is_late(&self) -> bool {
        matches!(self.phase, Phase::New | Phase::Head) && self.since.elapsed() >= GRACE
    }

    /// Is this an answer that its client has had time to take?
    fn may_be_cut(&self) -> bool {
        self.phase == Phase::Answering && self.since.elapsed() >= GRACE
    }
}

impl Account {
    /// The connection does something else now.
    pub(crate) fn enter(&self, phase: Phase) {
        self.entry(|entry| {
            if entry.phase != phase {
                entry.phase = phase;
                entry.since = Instant::now();
            }
        });
    }

    /// What the connection is doing, and since when.
    pub(crate) fn phase(&self) -> (Phase, Instant) {
        let mut seen = (Phase::Cut, Instant::now());
        self.entry(|entry| seen = (entry.phase, entry.since));
        seen
    }

    /// Bytes of the request's body came; false when there is no room for them among all connections.
    #[must_use]
    pub(crate) fn received(&self, bytes: usize) -> bool {
        self.hold(bytes, |held| held.request += bytes)
    }

    /// Keeps room for an answer; false when there is none among all connections.
    #[must_use]
    pub(crate) fn reserve(&self, bytes: usize) -> bool {
        self.hold(bytes, |held| held.left += bytes)
    }

    /// The request was handled, and `bytes` of an answer are to be sent.
    pub(crate) fn answers(&self, bytes: usize) {
        self.enter(Phase::Answering);
        self.entry(|entry| {
            entry.bytes.request = 0;
            entry.bytes.left = bytes;
            entry.bytes.is_whole = false;
        });
    }

    /// hyper has taken `bytes` of the answer, and will take `left` more.
    pub(crate) fn handed(&self, bytes: usize, left: usize) {
        self.entry(|entry| {
            entry.bytes.queued += bytes;
            entry.bytes.left = left;
        });
    }

    /// hyper has the whole answer.
    pub(crate) fn handed_all(&self) {
        self.entry(|entry| {
            entry.bytes.left = 0;
            entry.bytes.is_whole = true;
        });
    }

    /// All that hyper has was written: the client may send its next request.
    pub(crate) fn flushed(&self) {
        let mut is_answered = false;
        self.entry(|entry| {
            entry.bytes.queued = 0;
            is_answered = entry.phase == Phase::Answering && entry.bytes.is_whole;
        });
        if is_answered {
            self.enter(Phase::Idle);
        }
    }

    /// Holds `bytes` more if there is room for them among all connections. Makes room by cutting off those that have been
    /// taking their answers longest, and leaves alone those that have only just begun.
    fn hold(&self, bytes: usize, add: impl FnOnce(&mut Bytes)) -> bool {
        let ledger = &self.0.ledger;
        let mut book = ledger.book();
        while book.held + bytes > ledger.0.limit {
            let victim = book.oldest(|entry| entry.bytes.sum() > 0 && entry.may_be_cut());
            if !book.cut(victim) {
                return false;
            }
            tracing::debug!(
                "no room for another answer: cut off the client that has been taking its answer longest"
            );
        }
        book.change(self.0.number, |entry| add(&mut entry.bytes));
        true
    }

    /// Closes the connection and throws away what the kernel still holds for it.
    pub(crate) fn cut(&self) {
        self.0.ledger.book().cut(Some(self.0.number));
    }

    /// Ready once the connection is to be closed.
    pub(crate) async fn until_cut(&self) {
        self.0.cut.notified().await;
    }

    fn entry(&self, change: impl FnOnce(&mut Entry)) {
        self.0.ledger.book().change(self.0.number, change);
    }
}

impl Bytes {
    fn sum(self) -> usize {
        self.request + self.left + self.queued
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let mut book = self.ledger.book();
        if let Some(entry) = book.accounts.remove(&self.number) {
            book.held -= entry.bytes.sum();
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes what the connection is doing older.
    fn age(account: &Account, seconds: u64) {
        account.entry(|entry| entry.since -= Duration::from_secs(seconds));
    }

    #[tokio::test]
    async fn the_oldest_answer_makes_room_for_a_new_one_and_a_young_one_does_not() {
        let ledger = Ledger::new(100);
        let accounts = [ledger.open(), ledger.open(), ledger.open()];
        for account in &accounts[..2] {
            assert!(account.reserve(50));
            account.answers(50);
        }
        assert!(!accounts[2].reserve(50), "both are young");
        age(&accounts[1], 2);
        assert!(accounts[2].reserve(50), "one of them is old");
        accounts[1].until_cut().await;
        accounts[2].answers(50);
        assert_eq!(ledger.held(), 100);
        drop(accounts);
        assert_eq!(ledger.held(), 0);
    }

    #[tokio::test]
    async fn an_idle_connection_makes_room_before_one_that_is_being_answered() {
        let ledger = Ledger::new(100);
        let (answering, idle, younger) = (ledger.open(), ledger.open(), ledger.open());
        answering.answers(0);
        age(&answering, 3);
        idle.enter(Phase::Idle);
        age(&idle, 2);
        younger.enter(Phase::Idle);
        for expected in [idle, younger, answering] {
            assert!(ledger.close_one());
            expected.until_cut().await;
        }
        assert!(!ledger.close_one());
    }

    #[test]
    fn what_was_written_is_held_no_longer() {
        let ledger = Ledger::new(100);
        let account = ledger.open();
        assert!(account.received(5));
        account.answers(30);
        assert_eq!(ledger.held(), 30, "the request was handled");
        account.handed(10, 20);
        account.flushed();
        assert_eq!(ledger.held(), 20);
        account.handed(20, 0);
        account.handed_all();
        assert_eq!((ledger.held(), account.phase().0), (20, Phase::Answering));
        account.flushed();
        assert_eq!((ledger.held(), account.phase().0), (0, Phase::Idle));
    }
}
