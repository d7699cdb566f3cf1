//! A writer: writes rows with ids of its own, in three ways, and keeps account of what it knows of each.

use crate::ledger::{Account, Fate, Ledger, Run};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::timeout;
use underpin_pool::{Database, Error, ErrorKind};

/// How many ids each writer has to itself.
pub(crate) const IDS: i64 = 1 << 40;

/// No unique constraint: a row written twice must show.
pub(crate) const TABLE: &str = "CREATE TABLE written (id int8); CREATE INDEX ON written (id)";

const INSERT: &str = "INSERT INTO written VALUES ($1)";
const LOOK_UP: &str = "SELECT count(*) FROM written WHERE id BETWEEN $1 AND $2";

/// A writer gives up on an answer after this long, as a service would on behalf of its caller.
const PATIENCE: Duration = Duration::from_secs(4);
/// After a failure a writer waits this long before it tries anything else.
const BACK_OFF: Duration = Duration::from_millis(10);
/// How long a lost answer is looked up.
const LOOK_UP_DEADLINE: Duration = Duration::from_secs(20);

/// How a row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// One autocommit statement on the database: on a lane where that is the better place.
    Statement,
    /// One autocommit statement on a session of one's own.
    Session,
    /// Three rows in one transaction.
    Transaction,
}

impl Way {
    fn draw(random: &mut StdRng) -> Self {
        match random.random_range(0..10) {
            0..6 => Self::Statement,
            6..8 => Self::Session,
            _ => Self::Transaction,
        }
    }

    const fn rows(self) -> i64 {
        match self {
            Self::Statement | Self::Session => 1,
            Self::Transaction => 3,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Statement => "a statement",
            Self::Session => "a statement on a session",
            Self::Transaction => "a transaction",
        }
    }

    /// May it have been written although it failed like this?
    fn is_uncertain(self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::UnknownOutcome => true,
            // Before COMMIT was sent: else the kind would be another.
            ErrorKind::Disconnected => self != Self::Transaction,
            _ => false,
        }
    }
}

/// One of the tasks that write.
#[derive(Debug)]
pub(crate) struct Writer {
    number: usize,
    db: Database,
    ledger: Arc<Ledger>,
    stop: watch::Receiver<bool>,
    random: StdRng,
    next: i64,
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
        }
    }

    /// Writes until it is told to stop.
    pub(crate) async fn run(mut self) {
        while !*self.stop.borrow() {
            let way = Way::draw(&mut self.random);
            let (first, rows) = (self.next, way.rows());
            self.next += rows;
            let fate = self.write(way, first).await;
            self.account().enter(Run { first, rows, fate });
        }
        self.account().begin("nothing any more");
    }

    /// Writes rows; again and again as long as certainly nothing was sent.
    async fn write(&mut self, way: Way, first: i64) -> Fate {
        loop {
            self.account().begin(way.name());
            self.account().attempt();
            let Ok(outcome) = timeout(PATIENCE, self.attempt(way, first)).await else {
                return self.look_up(way, first).await;
            };
            let Err(error) = outcome else {
                return Fate::Acknowledged;
            };
            self.ledger.note(&error);
            self.back_off().await;
            if way.is_uncertain(&error) {
                return self.look_up(way, first).await;
            }
            if !error.safe_to_retry() || *self.stop.borrow() {
                return Fate::Refused;
            }
        }
    }

    async fn attempt(&self, way: Way, first: i64) -> Result<(), Error> {
        match way {
            Way::Statement => self.db.execute(INSERT, &[&first]).await.map(drop),
            Way::Session => {
                let session = self.db.checkout().await?;
                session.execute(INSERT, &[&first]).await.map(drop)
            }
            Way::Transaction => {
                self.db
                    .transaction(async |tx| {
                        for id in first..first + way.rows() {
                            tx.execute(INSERT, &[&id]).await?;
                        }
                        Ok(())
                    })
                    .await
            }
        }
    }

    /// The answer was lost: is it written? A row that is not there may still arrive, so it is never written again.
    async fn look_up(&mut self, way: Way, first: i64) -> Fate {
        self.account().begin("a look for rows of unknown outcome");
        let last = first + way.rows() - 1;
        let end = Instant::now() + LOOK_UP_DEADLINE;
        while Instant::now() < end && !*self.stop.borrow() {
            let look = async {
                let row = self.db.query_one(LOOK_UP, &[&first, &last]).await?;
                row.get::<i64>(0)
            };
            match timeout(PATIENCE, look).await {
                Ok(Ok(rows)) if rows == way.rows() => return Fate::Found,
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
