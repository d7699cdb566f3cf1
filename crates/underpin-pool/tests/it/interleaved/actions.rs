//! What one task does: a random step after the other, each of which may be given up midway.

use super::book::{Book, Ended, How, Span};
use crate::support::SOON;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::time::Duration;
use tokio::time::timeout;
use underpin_pool::{CopyIn, Error, Params, RowStream, Savepoint, Session, Transaction};
use underpin_testkit::cancel_after;

/// Nothing here takes longer on its own than the machine makes it.
const DEADLINE: Duration = SOON.saturating_mul(6);

/// Where statements run.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Session(&'a Session),
    Transaction(&'a Transaction<'a>),
}

impl<'a> Place<'a> {
    async fn execute(self, sql: &str, params: Params<'_>) -> Result<u64, Error> {
        match self {
            Self::Session(session) => session.execute(sql, params).await,
            Self::Transaction(tx) => tx.execute(sql, params).await,
        }
    }

    async fn batch(self, sql: &str) -> Result<(), Error> {
        match self {
            Self::Session(session) => session.batch(sql).await,
            Self::Transaction(tx) => tx.batch(sql).await,
        }
    }

    async fn stream(self, sql: &str) -> Result<RowStream<'a>, Error> {
        match self {
            Self::Session(session) => session.stream(sql, &[]).await,
            Self::Transaction(tx) => tx.stream(sql, &[]).await,
        }
    }

    async fn copy_in(self, table: &str) -> Result<CopyIn<'a>, Error> {
        match self {
            Self::Session(session) => session.copy_in(table, &["id"]).await,
            Self::Transaction(tx) => tx.copy_in(table, &["id"]).await,
        }
    }
}

/// One of the tasks that share a session or a transaction.
pub(super) struct Actor<'a> {
    pub(super) place: Place<'a>,
    pub(super) table: &'a str,
    pub(super) book: &'a Book,
    pub(super) random: StdRng,
    /// May it end the transaction by SQL of its own?
    pub(super) ends: bool,
}

impl<'a> Actor<'a> {
    pub(super) fn new(place: Place<'a>, table: &'a str, book: &'a Book, seed: u64) -> Self {
        Self {
            place,
            table,
            book,
            random: StdRng::seed_from_u64(seed),
            ends: false,
        }
    }

    pub(super) async fn run(mut self) {
        for _ in 0..self.random.random_range(1..8) {
            self.step().await;
        }
    }

    async fn step(&mut self) {
        match self.random.random_range(0..100) {
            0..30 => self.insert().await,
            30..38 => self.insert_by_batch().await,
            38..46 => self.does_not_fit().await,
            46..58 => self.sleep().await,
            58..70 => self.stream().await,
            70..80 => self.copy().await,
            80..96 => self.savepoint().await,
            96..98 => self.fail().await,
            _ => self.end().await,
        }
    }

    /// Waits for an answer, or gives up after some polls or some time.
    async fn maybe<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let patience = Duration::from_micros(self.random.random_range(0..3000));
        let polls = self.random.random_range(0..6);
        let answer = match self.random.random_range(0..10) {
            0..6 => timeout(DEADLINE, async { Some(work.await) }).await,
            6..8 => timeout(DEADLINE, cancel_after(polls, work)).await,
            _ => Ok(timeout(patience, work).await.ok()),
        };
        answer.expect("an answer within the deadline")
    }

    async fn insert(&mut self) {
        let id = self.book.ids(1).start;
        let mut insert = format!("INSERT INTO {} (id) VALUES ($1)", self.table);
        if self.random.random_range(0..4) == 0 {
            // A text that no connection has prepared.
            insert.push_str(&format!(" /* {} */", self.random.random::<u64>()));
        }
        let (place, asked) = (self.place, self.book.now());
        let done = self
            .maybe(async { place.execute(&insert, &[&id]).await })
            .await;
        self.book.rows([id], asked, done.as_ref());
        self.book.heard("an insert", done.as_ref());
    }

    async fn insert_by_batch(&mut self) {
        let ids = self.book.ids(2);
        let (one, two) = (ids.start, ids.end - 1);
        let insert = format!("INSERT INTO {} (id) VALUES ({one}), ({two})", self.table);
        let (place, asked) = (self.place, self.book.now());
        let done = self.maybe(async { place.batch(&insert).await }).await;
        self.book.rows(ids, asked, done.as_ref());
        self.book.heard("a batch", done.as_ref());
    }

    async fn does_not_fit(&mut self) {
        let insert = format!("INSERT INTO {} (id) VALUES ($1)", self.table);
        let (place, way) = (self.place, self.random.random_range(0..4));
        let done = self
            .maybe(async {
                match way {
                    0 => place.execute(&insert, &[&"text"]).await.map(drop),
                    1 => place.execute(&insert, &[]).await.map(drop),
                    2 => place.execute("SELECT '\0'", &[]).await.map(drop),
                    _ => place.batch("SELECT '\0'").await,
                }
            })
            .await;
        assert!(!matches!(done, Some(Ok(()))), "it cannot be sent");
        self.book.heard("a value that does not fit", done.as_ref());
    }

    async fn sleep(&mut self) {
        let place = self.place;
        if self.random.random_range(0..8) == 0 {
            let sleep = async { place.execute("SELECT pg_sleep(30)", &[]).await };
            let patience = Duration::from_millis(self.random.random_range(0..40));
            if let Ok(done) = timeout(patience, sleep).await {
                done.as_ref().expect_err("it sleeps for longer");
                self.book.heard("a long sleep", Some(&done));
            } else {
                self.book.heard::<()>("a long sleep", None);
            }
            return;
        }
        let seconds = self.random.random_range(0..4_i32);
        let sleep = format!("SELECT pg_sleep(0.00{seconds})");
        let done = self.maybe(async { place.execute(&sleep, &[]).await }).await;
        self.book.heard("a sleep", done.as_ref());
    }

    async fn stream(&mut self) {
        let rows = self.random.random_range(0..3000_i32);
        let wanted = self.random.random_range(0..4000_i32);
        let sql = format!("SELECT g, repeat('x', 100) FROM generate_series(1, {rows}) g");
        let place = self.place;
        let read = async {
            let mut stream = place.stream(&sql).await?;
            let mut count = 0;
            while count < wanted
                && let Some(row) = stream.next().await
            {
                count += 1;
                assert_eq!(row?.get::<i32>(0)?, count, "rows come in order");
            }
            if count < wanted {
                assert_eq!(count, rows, "a row is lost");
            }
            Ok::<_, Error>(())
        };
        let done = self.maybe(read).await;
        // What was not read to its end may be cancelled.
        if wanted <= rows {
            self.book.heard::<()>("a stream", None);
        }
        self.book.heard("a stream", done.as_ref());
    }

    async fn copy(&mut self) {
        self.book.known().copied = true;
        let count = self.random.random_range(0..2000_i32);
        let ids = self.book.ids(count);
        let (place, table, asked) = (self.place, self.table, self.book.now());
        let (finishes, bad_row) = (self.random.random_range(0..3) > 0, self.random.random());
        let mut is_finishing = false;
        let all = ids.clone();
        let copy = async {
            let mut copy = place.copy_in(table).await?;
            for id in all {
                if bad_row && id % 7 == 0 {
                    copy.write(&[&"text"]).await.expect_err("it does not fit");
                }
                copy.write(&[&id]).await?;
            }
            if finishes {
                is_finishing = true;
                let written = copy.finish().await?;
                assert_eq!(written, u64::try_from(count).expect("a count"));
            }
            Ok::<_, Error>(())
        };
        let done = self.maybe(copy).await;
        if done.is_none() && is_finishing {
            self.book.rows::<()>(ids, asked, None);
        } else if finishes && done.is_some() {
            self.book.rows(ids, asked, done.as_ref());
        }
        if !finishes {
            self.book.heard::<()>("a copy that is left", None);
        }
        self.book.heard("a copy", done.as_ref());
    }

    async fn savepoint(&mut self) {
        let Place::Transaction(tx) = self.place else {
            return self.insert().await;
        };
        self.book.known().used_savepoints = true;
        let asked = self.book.now();
        let set = self.maybe(tx.savepoint()).await;
        self.book.heard("a savepoint", set.as_ref());
        let Some(Ok(savepoint)) = set else { return };
        let set = Span {
            asked,
            answered: self.book.now(),
        };
        for _ in 0..self.random.random_range(0..3) {
            match self.random.random_range(0..4) {
                0 => self.insert_by_batch().await,
                1 => self.does_not_fit().await,
                2 => self.fail().await,
                _ => self.insert().await,
            }
        }
        self.end_savepoint(savepoint, set).await;
    }

    async fn end_savepoint(&mut self, savepoint: Savepoint<'_>, set: Span) {
        let asked = self.book.now();
        let way = self.random.random_range(0..3);
        let done = match way {
            0 => {
                drop(savepoint);
                Some(Ok(()))
            }
            1 => self.maybe(savepoint.rollback()).await,
            _ => self.maybe(savepoint.release()).await,
        };
        let answered = self.book.now();
        let how = match (way, &done) {
            (0, _) => How::Undone,
            // Given up, it is rolled back to all the same.
            (1, None | Some(Ok(()))) => How::Undone,
            (2, Some(Ok(()))) => How::Released,
            _ => How::Unknown,
        };
        self.book.known().savepoints.push(Ended {
            set,
            end: Span { asked, answered },
            how,
        });
        self.book.heard("the end of a savepoint", done.as_ref());
    }

    async fn fail(&mut self) {
        let place = self.place;
        let done = self
            .maybe(async { place.execute("SELECT 1/0", &[]).await })
            .await;
        assert!(!matches!(done, Some(Ok(_))), "it divides by zero");
        self.book.heard("a division by zero", done.as_ref());
    }

    async fn end(&mut self) {
        if !self.ends {
            return self.sleep().await;
        }
        self.book.known().ended_by_sql = true;
        let sql = ["COMMIT", "ROLLBACK", "COMMIT AND CHAIN"][self.random.random_range(0..3)];
        let place = self.place;
        let done = match self.random.random() {
            true => self.maybe(async { place.batch(sql).await }).await,
            false => {
                self.maybe(async { place.execute(sql, &[]).await.map(drop) })
                    .await
            }
        };
        self.book.heard("the end by SQL", done.as_ref());
    }
}
