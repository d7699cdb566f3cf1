//! What the writers know: which rows were acknowledged, which were not, and what they are doing just now.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use underpin_core::{Chain, ErrorKind};
use underpin_pool::Error;

/// Every attempt of a writer is given up long before.
const HUNG_AFTER: Duration = Duration::from_secs(25);

/// What a writer knows of a row it wanted to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The server said so.
    Acknowledged,
    /// The answer was lost; a look later found the row.
    Found,
    /// The answer was lost; a look later did not find the row, which may still arrive.
    Unknown,
    /// It failed, and certainly nothing was written.
    Refused,
}

/// Rows with consecutive ids that were written together, or one after another with the same success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: i64,
    pub(crate) rows: i64,
    pub(crate) fate: Fate,
}

/// The accounts of all writers, and the errors they saw.
#[derive(Debug)]
pub(crate) struct Ledger {
    accounts: Vec<Account>,
    /// By kind: how often, and the latest one.
    errors: Mutex<HashMap<ErrorKind, (u64, String)>>,
    wrong: Mutex<Complaints>,
    left: Mutex<Complaints>,
}

/// What must not happen, and happened: how often, and the first few.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Complaints {
    pub(crate) count: u64,
    pub(crate) first: Vec<String>,
}

/// How many complaints are kept word for word.
const COMPLAINTS_MAX: usize = 10;

impl Complaints {
    fn add(&mut self, what: String) {
        self.count += 1;
        if self.first.len() < COMPLAINTS_MAX {
            self.first.push(what);
        }
    }
}

/// What one writer knows.
#[derive(Debug)]
pub(crate) struct Account {
    attempts: AtomicU64,
    acknowledged: AtomicU64,
    runs: Mutex<Vec<Run>>,
    /// Rows that were written and taken back.
    ghosts: Mutex<Vec<Run>>,
    doing: Mutex<(&'static str, Instant)>,
}

impl Ledger {
    pub(crate) fn new(writers: usize) -> Self {
        let account = |_| Account {
            attempts: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            runs: Mutex::default(),
            ghosts: Mutex::default(),
            doing: Mutex::new(("nothing yet", Instant::now())),
        };
        Self {
            accounts: (0..writers).map(account).collect(),
            errors: Mutex::default(),
            wrong: Mutex::default(),
            left: Mutex::default(),
        }
    }

    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// How many writes were acknowledged so far, by writer.
    pub(crate) fn progress(&self) -> Vec<u64> {
        let progress = |account: &Account| account.acknowledged.load(Ordering::Relaxed);
        self.accounts.iter().map(progress).collect()
    }

    pub(crate) fn attempts(&self) -> u64 {
        let attempts = |account: &Account| account.attempts.load(Ordering::Relaxed);
        self.accounts.iter().map(attempts).sum()
    }

    pub(crate) fn note(&self, error: &Error) {
        let mut errors = lock(&self.errors);
        let entry = errors.entry(error.kind()).or_default();
        *entry = (entry.0 + 1, Chain(error).to_string());
    }

    /// An answer was wrong.
    pub(crate) fn wrong(&self, what: String) {
        lock(&self.wrong).add(what);
    }

    /// A borrower found what another one had left.
    pub(crate) fn left(&self, what: String) {
        lock(&self.left).add(what);
    }

    /// Wrong answers, and what was left in sessions.
    pub(crate) fn complaints(&self) -> (Complaints, Complaints) {
        (lock(&self.wrong).clone(), lock(&self.left).clone())
    }

    /// How many writers have been at the same thing for longer than anything may take.
    pub(crate) fn hung(&self) -> usize {
        let hangs = |account: &&Account| lock(&account.doing).1.elapsed() > HUNG_AFTER;
        self.accounts.iter().filter(hangs).count()
    }

    /// The errors by kind, the most frequent first.
    pub(crate) fn errors(&self) -> Vec<String> {
        let mut errors: Vec<_> = lock(&self.errors)
            .iter()
            .map(|(kind, (count, latest))| (*count, format!("{count} × {kind:?}: {latest}")))
            .collect();
        errors.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        errors.into_iter().map(|(_, line)| line).collect()
    }

    /// What each writer is doing, and for how long.
    pub(crate) fn doing(&self) -> Vec<String> {
        let line = |(number, account): (usize, &Account)| {
            let (what, since) = *lock(&account.doing);
            format!("writer {number}: {what} for {:.1?}", since.elapsed())
        };
        self.accounts.iter().enumerate().map(line).collect()
    }
}

impl Account {
    pub(crate) fn begin(&self, what: &'static str) {
        *lock(&self.doing) = (what, Instant::now());
    }

    pub(crate) fn attempt(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Enters what became of a write.
    pub(crate) fn enter(&self, run: Run) {
        if run.fate == Fate::Acknowledged {
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
        append(&mut lock(&self.runs), run);
    }

    /// Enters rows that are written only to be taken back.
    pub(crate) fn take_back(&self, first: i64, rows: i64) {
        let fate = Fate::Refused;
        if rows > 0 {
            append(&mut lock(&self.ghosts), Run { first, rows, fate });
        }
    }

    /// In the order of their ids.
    pub(crate) fn runs(&self) -> Vec<Run> {
        let mut runs = lock(&self.runs).clone();
        runs.extend_from_slice(&lock(&self.ghosts));
        runs
    }
}

/// Rows of the same fate follow each other by the million: they become one run, unless all or none of it have to be there.
fn append(runs: &mut Vec<Run>, run: Run) {
    match runs.last_mut() {
        Some(last)
            if matches!(run.fate, Fate::Acknowledged | Fate::Refused)
                && last.fate == run.fate
                && last.first + last.rows == run.first =>
        {
            last.rows += run.rows;
        }
        _ => runs.push(run),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
