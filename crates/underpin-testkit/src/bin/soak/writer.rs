//! A writer: writes rows with ids of its own, in one way or another, and keeps account of what it knows of each.

use crate::ledger::{Account, Fate, Ledger, Run};
use crate::way::Plan;
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;
use underpin_pool::Database;

/// How many ids each writer has to itself.
pub(crate) const IDS: i64 = 1 << 40;

/// Where the ids begin of the rows that a writer takes back.
const GHOSTS: i64 = IDS / 2;

pub(crate) const TABLE_NAME: &str = "written";

/// No unique constraint: a row written twice must show.
pub(crate) const TABLE: &str = "CREATE TABLE written (id int8); CREATE INDEX ON written (id)";

const LOOK_UP: &str = "SELECT count(*) FROM written WHERE id BETWEEN $1 AND $2";

/// A writer gives up on an answer after this long, as a service would on behalf of its caller.
const PATIENCE: Duration = Duration::from_secs(4);
/// After a failure a writer waits this long before it tries anything else.
const BACK_OFF: Duration = Duration::from_millis(10);
/// How long a lost answer is looked up.
const LOOK_UP_DEADLINE: Duration = Duration::from_secs(20);

/// One of the tasks that write.
#[derive(Debug)]
pub(crate) struct Writer {
    number: usize,
    db: Database,
    ledger: Arc<Ledger>,
    stop: watch::Receiver<bool>,
    random: StdRng,
    next: i64,
    next_ghost: i64,
}

impl Writer {
    pub(crate) fn new(
        number: usize,
        seed: u64,
        db: Database,
        ledger: Arc<Ledger>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            number,
            db,
            ledger,
            stop,
            random: StdRng::seed_from_u64(seed.wrapping_add(number as u64)),
            next: first_id(number),
            next_ghost: first_id(number) + GHOSTS,
        }
    }

    /// Writes until it is told to stop.
    pub(crate) async fn run(mut self) {
        while !*self.stop.borrow() {
            let plan = Plan::draw(&mut self.random);
            let (first, rows) = (self.next, plan.rows());
            self.next += rows;
            let fate = self.write(plan, first).await;
            self.account().enter(Run { first, rows, fate });
        }
        self.account().begin("nothing any more");
    }

    /// Writes rows; again and again as long as certainly nothing was sent.
    async fn write(&mut self, plan: Plan, first: i64) -> Fate {
        loop {
            let (ghost, ghosts) = (self.next_ghost, plan.ghosts());
            self.next_ghost += ghosts;
            self.account().take_back(ghost, ghosts);
            self.account().begin(plan.name());
            self.account().attempt();
            let attempt = plan.attempt(&self.db, &self.ledger, first, ghost);
            let Ok(outcome) = timeout(PATIENCE, attempt).await else {
                return self.look_up(plan, first).await;
            };
            let Err(error) = outcome else {
                return Fate::Acknowledged;
            };
            self.ledger.note(&error);
            self.back_off().await;
            if plan.is_uncertain(&error) {
                return self.look_up(plan, first).await;
            }
            if !error.safe_to_retry() || *self.stop.borrow() {
                return Fate::Refused;
            }
        }
    }

    /// The answer was lost: is it written? A row that is not there may still arrive, so it is never written again.
    async fn look_up(&mut self, plan: Plan, first: i64) -> Fate {
        self.account().begin("a look for rows of unknown outcome");
        let last = first + plan.rows() - 1;
        let end = Instant::now() + LOOK_UP_DEADLINE;
        while Instant::now() < end && !*self.stop.borrow() {
            let look = async {
                let row = self.db.query_one(LOOK_UP, &[&first, &last]).await?;
                row.get::<i64>(0)
            };
            match timeout(PATIENCE, look).await {
                Ok(Ok(rows)) if rows == plan.rows() => return Fate::Found,
                Ok(Ok(_)) => return Fate::Unknown,
                Ok(Err(error)) => {
                    self.ledger.note(&error);
                    self.back_off().await;
                }
                Err(_) => {}
            }
        }
        Fate::Unknown
    }

    async fn back_off(&mut self) {
        // Told to stop, or the time is over: either way it goes on.
        let _ = timeout(BACK_OFF, self.stop.wait_for(|stop| *stop)).await;
    }

    fn account(&self) -> &Account {
        &self.ledger.accounts()[self.number]
    }
}

/// The first id of a writer's own.
pub(crate) fn first_id(writer: usize) -> i64 {
    i64::try_from(writer).map_or(i64::MAX, |writer| writer * IDS)
}
