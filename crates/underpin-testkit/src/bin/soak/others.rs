//! Who uses the pool beside the writers: reports that take long, bursts of short statements, borrowers that leave a session
//! in another state than they found it.

use crate::ledger::Ledger;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use underpin_pool::{Database, Error, ErrorKind};

/// How many of each kind there are.
const REPORTS: u64 = 3;
const BORROWERS: u64 = 3;
/// Short statements that come at once.
const BURST: i64 = 200;
/// What comes of nothing until then is given up, as a service would on behalf of its caller.
const PATIENCE: Duration = Duration::from_secs(4);
/// Between two turns of the same user, in milliseconds.
const PAUSE_MS: std::ops::RangeInclusive<u64> = 5..=500;

/// A table whose columns come and go, and a role that may do nothing.
pub(crate) const PROPS: &str = "CREATE TABLE altered (id int8, name text); INSERT INTO altered VALUES (1, 'one'); \
     CREATE ROLE soak_nobody";

/// Statements that leave a session in another state.
const LEAVES: [&str; 7] = [
    "SET soak.mark = 'left'",
    "SELECT set_config('soak.mark', 'left', false)",
    "SET ROLE soak_nobody",
    "SET search_path = pg_catalog",
    "CREATE TEMPORARY TABLE soak_left (id int)",
    "SELECT pg_advisory_lock(4711)",
    "LISTEN soak_left",
];

/// The name of each state that a former borrower left; no row when there is none.
const LEFT: &str = "SELECT string_agg(what, ', ') FROM (VALUES \
     (coalesce(current_setting('soak.mark', true), '') <> '', 'a setting'), \
     (current_user <> session_user, 'a role'), \
     (current_setting('search_path') = 'pg_catalog', 'search_path'), \
     (to_regclass('pg_temp.soak_left') IS NOT NULL, 'a temporary table'), \
     (EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), 'an advisory lock'), \
     (EXISTS (SELECT FROM pg_listening_channels()), 'a channel') \
     ) AS state (is_left, what) WHERE is_left";

/// One of them.
#[derive(Debug)]
struct Other {
    db: Database,
    ledger: Arc<Ledger>,
    stop: watch::Receiver<bool>,
    random: StdRng,
}

/// What somebody does again and again.
#[derive(Debug, Clone, Copy)]
enum Habit {
    Reports,
    Bursts,
    Leaves,
}

/// All of them, to be started.
pub(crate) fn others(
    seed: u64,
    db: &Database,
    ledger: &Arc<Ledger>,
    stop: &watch::Sender<bool>,
) -> impl Iterator<Item = impl Future<Output = ()> + Send + use<>> {
    let habits = (0..REPORTS).map(|_| Habit::Reports);
    let habits = habits.chain((0..BORROWERS).map(|_| Habit::Leaves));
    let all: Vec<_> = habits.chain([Habit::Bursts]).collect();
    let (db, ledger, stop) = (db.clone(), ledger.clone(), stop.subscribe());
    all.into_iter().zip(1000..).map(move |(habit, number)| {
        let other = Other {
            db: db.clone(),
            ledger: ledger.clone(),
            stop: stop.clone(),
            random: StdRng::seed_from_u64(seed.wrapping_add(number)),
        };
        other.run(habit)
    })
}

impl Other {
    async fn run(mut self, habit: Habit) {
        while !*self.stop.borrow() {
            match habit {
                Habit::Reports => self.report().await,
                Habit::Bursts => self.burst().await,
                Habit::Leaves => self.leave().await,
            }
            let pause = Duration::from_millis(self.random.random_range(PAUSE_MS));
            // Told to stop, or the time is over: either way it goes on.
            let _ = timeout(pause, self.stop.wait_for(|stop| *stop)).await;
        }
    }

    /// Holds a session for a while; half of them are given up before their end.
    async fn report(&mut self) {
        let seconds = self.random.random_range(0.1..1.5_f64);
        let patience = Duration::from_secs_f64(self.random.random_range(0.1..3.0));
        let sql = "SELECT count(*) FROM written, pg_sleep($1)";
        if let Ok(Err(error)) = timeout(patience, self.db.query(sql, &[&seconds])).await {
            self.ledger.note(&error);
        }
    }

    async fn burst(&mut self) {
        let mut tasks = JoinSet::new();
        for number in 0..BURST {
            let (db, ledger) = (self.db.clone(), self.ledger.clone());
            tasks.spawn(async move {
                let asked = timeout(PATIENCE, ask(&db, &ledger, number)).await;
                if let Ok(Err(error)) = asked {
                    ledger.note(&error);
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            if ended.is_err() {
                self.ledger
                    .wrong(String::from("a short statement panicked"));
            }
        }
    }

    /// Borrows a session, looks whether it is as new, and leaves it in another state.
    async fn leave(&mut self) {
        let leave = LEAVES
            .choose(&mut self.random)
            .copied()
            .unwrap_or(LEAVES[0]);
        let ledger = self.ledger.clone();
        let borrow = async {
            let session = self.db.checkout().await?;
            let left: Option<String> = session.query_one(LEFT, &[]).await?.get(0)?;
            if let Some(left) = left {
                ledger.left(left);
            }
            session.batch(leave).await
        };
        if let Ok(Err(error)) = timeout(PATIENCE, borrow).await {
            self.ledger.note(&error);
        }
    }
}

/// A short statement; every other one on a table whose columns come and go.
async fn ask(db: &Database, ledger: &Ledger, number: i64) -> Result<(), Error> {
    let (sql, value) = match number % 2 {
        0 => ("SELECT $1::int8 AS id", number),
        _ => ("SELECT * FROM altered WHERE id = $1", 1),
    };
    let row = match db.query_one(sql, &[&value]).await {
        Err(error) if is_stale(error.kind()) => {
            ledger.wrong(format!("not recovered: {}", underpin_core::Chain(&error)));
            return Err(error);
        }
        outcome => outcome?,
    };
    let got: i64 = row.get(0)?;
    if got != value {
        ledger.wrong(format!("{got} is the answer to {value}"));
    }
    Ok(())
}

/// Does the pool have to recover an autocommit statement from this by itself?
fn is_stale(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StalePlan | ErrorKind::Unsupported | ErrorKind::Sql | ErrorKind::Decode
    )
}
