//! Is the database there, is the schema the expected one? Asked at most once a second, answered within a deadline.
//!
//! [`Health::current`] answers from a shared snapshot, so that a thousand monitors cost as much as one:
//! - a snapshot younger than [`FRESH`] (a failed one: [`FRESH_FAILED`]) is the answer;
//! - a passing one younger than [`STALE`] is still the answer, while a probe renews it in the background;
//! - else the caller waits for a probe, at most [`WAIT`]. There is never more than one probe under way.

mod probe;
mod report;

pub use probe::{Level, Outcome, Snapshot};
pub use report::{HEALTH_JSON, Report};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use underpin_core::ErrorKind;
use underpin_migrate::Chain;
use underpin_pool::Database;
use underpin_pool::spawn::supervised;

/// How long a snapshot is the answer without a question.
pub const FRESH: Duration = Duration::from_secs(1);

/// The same for a failed one: recovery is seen soon, and a database in trouble is not asked more than four times a second.
pub const FRESH_FAILED: Duration = Duration::from_millis(250);

/// How old a passing snapshot may be at most when it is given as an answer.
pub const STALE: Duration = Duration::from_secs(2);

/// How long a caller waits for a probe: longer than the probe's own deadlines together.
pub const WAIT: Duration = Duration::from_millis(3500);

/// What is known about the database and the schema; cloning it shares the knowledge.
#[derive(Debug, Clone)]
pub struct Health(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    database: Database,
    chain: Chain,
    latest: watch::Sender<Option<Arc<Snapshot>>>,
    probing: AtomicBool,
}

impl Health {
    /// Knows nothing yet and asks nothing yet.
    #[must_use]
    pub fn new(database: Database, chain: Chain) -> Self {
        Self(Arc::new(Shared {
            database,
            chain,
            latest: watch::Sender::new(None),
            probing: AtomicBool::new(false),
        }))
    }

    /// The state of things, at most two seconds old.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: the probe runs in a task of its own and its result is kept for the next caller.
    pub async fn current(&self) -> Arc<Snapshot> {
        let latest = self.0.latest.borrow().clone();
        match latest {
            Some(snapshot) if snapshot.age() < fresh_for(&snapshot) => snapshot,
            Some(snapshot) if snapshot.level() != Level::Fail && snapshot.age() < STALE => {
                self.start_probe();
                snapshot
            }
            _ => self.probed().await,
        }
    }

    /// Asks now, whatever is known. At most one probe is under way; who comes later shares its result.
    pub async fn probed(&self) -> Arc<Snapshot> {
        let mut results = self.0.latest.subscribe();
        self.start_probe();
        if let Ok(Ok(())) = tokio::time::timeout(WAIT, results.changed()).await
            && let Some(snapshot) = results.borrow().clone()
        {
            return snapshot;
        }
        Arc::new(Snapshot::unknown(
            ErrorKind::Timeout,
            self.0.database.status(),
        ))
    }

    /// The last state without waiting when it was good, however old; a new one is then looked for in the background.
    ///
    /// For requests: they find out themselves when a good database has just become a bad one.
    pub(crate) async fn recent(&self) -> Arc<Snapshot> {
        let latest = self.0.latest.borrow().clone();
        match latest {
            Some(snapshot) if snapshot.level() != Level::Fail => {
                if snapshot.age() > STALE {
                    self.start_probe();
                }
                snapshot
            }
            _ => self.current().await,
        }
    }

    fn start_probe(&self) {
        if self.0.probing.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = Arc::clone(&self.0);
        let probing = Probing(Arc::clone(&self.0));
        let task = async move {
            let before = shared.latest.borrow().clone();
            let snapshot =
                Snapshot::follow(before.as_deref(), &shared.database, &shared.chain).await;
            snapshot.log_change(before.as_deref());
            drop(probing);
            shared.latest.send_replace(Some(Arc::new(snapshot)));
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "supervised: a panic is logged, and the guard ends the probe's turn"
        )]
        tokio::spawn(supervised("health probe", task));
    }
}

/// Ends a probe's turn when dropped.
#[derive(Debug)]
struct Probing(Arc<Shared>);

impl Drop for Probing {
    fn drop(&mut self) {
        self.0.probing.store(false, Ordering::Release);
    }
}

fn fresh_for(snapshot: &Snapshot) -> Duration {
    if snapshot.level() == Level::Fail {
        FRESH_FAILED
    } else {
        FRESH
    }
}
