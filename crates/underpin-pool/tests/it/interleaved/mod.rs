//! Tasks that share a transaction, or a session, do random things and give some of them up midway: checked against what
//! must be in the table afterwards.
//!
//! `UNDERPIN_TEST_ROUNDS` asks for more rounds, `UNDERPIN_TEST_SEED` for the round that failed.

mod actions;
mod book;

use crate::support::{SOON, pool_of, unique};
use actions::{Actor, Place};
use book::{Book, Known};
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use underpin_pool::{Database, ErrorKind, Transaction};
use underpin_testkit::{cancel_after, wait_until};

/// How many rounds are tried, unless time is over before.
const ROUNDS: u64 = 100;
const TIME: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_that_share_a_transaction_keep_it_whole_whatever_they_give_up() {
    let stage = Stage::set(transaction_round).await;
    stage.play("transactions").await;
}

#[tokio::test]
async fn futures_that_share_a_session_get_their_own_answers_whatever_is_given_up() {
    let stage = Stage::set(session_round).await;
    stage.play("sessions").await;
}

/// What the rounds of a test share.
struct Stage<R> {
    db: Database,
    watcher: Database,
    round: R,
}

impl<R: AsyncFn(&Database, &Database, u64, &mut Tally)> Stage<R> {
    async fn set(round: R) -> Self {
        Self {
            db: pool_of(1).await,
            watcher: pool_of(1).await,
            round,
        }
    }

    #[expect(clippy::print_stdout, reason = "says what was tried")]
    async fn play(self, what: &str) {
        let first =
            number("UNDERPIN_TEST_SEED").unwrap_or_else(|| u64::from(rand::random::<u32>()));
        let wanted = number("UNDERPIN_TEST_ROUNDS");
        let began = Instant::now();
        let mut tally = Tally::default();
        for seed in first..first + wanted.unwrap_or(ROUNDS) {
            if wanted.is_none() && began.elapsed() > TIME {
                break;
            }
            println!("UNDERPIN_TEST_SEED={seed} UNDERPIN_TEST_ROUNDS=1");
            (self.round)(&self.db, &self.watcher, seed, &mut tally).await;
            tally.rounds += 1;
        }
        let closed = self.db.status().created - 1;
        println!("{what} from UNDERPIN_TEST_SEED={first}: {tally:?}, {closed} sessions replaced");
    }
}

#[derive(Debug, Default)]
struct Tally {
    rounds: u64,
    committed: u64,
    not_committed: u64,
    given_up: u64,
    ended_by_sql: u64,
    rows: usize,
}

impl Tally {
    /// Checks what a transaction has left against what is known.
    fn note(&mut self, known: &Known, is_committed: Option<bool>, rows: &BTreeSet<i32>) {
        match is_committed {
            Some(true) => known.check(rows),
            Some(false) if !known.ended_by_sql => assert!(rows.is_empty(), "{rows:?}"),
            None if !rows.is_empty() && !known.ended_by_sql => known.check(rows),
            _ => {}
        }
        self.committed += u64::from(is_committed == Some(true));
        self.not_committed += u64::from(is_committed == Some(false));
        self.given_up += u64::from(known.gave_up);
        self.ended_by_sql += u64::from(known.ended_by_sql);
        self.rows += rows.len();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told how long to try, and has no Config"
)]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A table whose rows tell the transaction that wrote them.
async fn table(watcher: &Database) -> String {
    let table = unique("t");
    let create = format!(
        "CREATE TABLE {table} (id int PRIMARY KEY, written_by text DEFAULT pg_current_xact_id()::text)"
    );
    watcher.batch(&create).await.expect("the table can be made");
    table
}

/// The rows that others see, and how many transactions have written them.
async fn seen(watcher: &Database, table: &str) -> (BTreeSet<i32>, usize) {
    let sql = format!("SELECT id, written_by FROM {table}");
    let rows: Vec<(i32, String)> = watcher.query_as(&sql, &[]).await.expect("the table");
    let writers: BTreeSet<&String> = rows.iter().map(|(_, writer)| writer).collect();
    (rows.iter().map(|(id, _)| *id).collect(), writers.len())
}

async fn transaction_round(db: &Database, watcher: &Database, seed: u64, tally: &mut Tally) {
    let mut random = StdRng::seed_from_u64(seed);
    let (table, book) = (table(watcher).await, Arc::new(Book::default()));
    let tx = Arc::new(
        timeout(SOON, db.begin())
            .await
            .expect("soon")
            .expect("a session"),
    );
    let ends = random.random_range(0..8) == 0;
    let tasks: Vec<_> = (0..random.random_range(1..5))
        .map(|_| {
            let (tx, table, book) = (tx.clone(), table.clone(), book.clone());
            let seed = random.random();
            tokio::spawn(async move {
                let mut actor = Actor::new(Place::Transaction(&tx), &table, &book, seed);
                actor.ends = ends;
                actor.run().await;
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    let (rows, writers) = seen(watcher, &table).await;
    assert!(writers <= 1, "something ran outside the transaction");
    if !book.known().ended_by_sql {
        assert_eq!(rows.len(), 0, "something was committed");
    }
    let tx = Arc::into_inner(tx).expect("the tasks have ended");
    let is_committed = end(tx, &mut random, &book).await;
    db.query("SELECT 1", &[]).await.expect("a clean session");
    wait_until(SOON, async || db.status().checked_out == 0).await;
    db.batch("VACUUM pg_catalog.pg_am")
        .await
        .expect("outside a transaction");
    let (rows, writers) = seen(watcher, &table).await;
    assert!(writers <= 1, "something ran outside the transaction");
    tally.note(&book.known(), is_committed, &rows);
    drop_table(watcher, &table).await;
}

/// Ends a transaction at random: is it committed? None when its end was given up.
async fn end(tx: Transaction<'static>, random: &mut StdRng, book: &Book) -> Option<bool> {
    match random.random_range(0..10) {
        0 => drop(tx),
        1 => {
            let done = timeout(SOON * 6, tx.rollback()).await.expect("soon");
            if !book.known().ended_by_sql {
                done.expect("rolled back");
            }
        }
        2 => {
            let polls = random.random_range(0..5);
            let done = timeout(SOON * 6, cancel_after(polls, tx.commit())).await;
            return done.expect("soon").map(|done| done.is_ok());
        }
        _ => {
            let done = timeout(SOON * 6, tx.commit()).await.expect("soon");
            let known = book.known();
            if let Err(error) = &done {
                assert_eq!(error.kind(), ErrorKind::TransactionState, "{error}");
                assert!(
                    known.failed || known.gave_up || known.ended_by_sql,
                    "{error}"
                );
            } else {
                assert!(!known.failed || known.used_savepoints, "it had failed");
            }
            return Some(done.is_ok());
        }
    }
    Some(false)
}

async fn session_round(db: &Database, watcher: &Database, seed: u64, tally: &mut Tally) {
    let mut random = StdRng::seed_from_u64(seed);
    let (table, book) = (table(watcher).await, Book::default());
    let session = timeout(SOON, db.checkout())
        .await
        .expect("soon")
        .expect("a session");
    book.known().stands_alone = true;
    let actors = (0..random.random_range(1..4)).map(|_| {
        let place = Place::Session(&session);
        Actor::new(place, &table, &book, random.random()).run()
    });
    join_all(actors).await;
    timeout(SOON * 6, session.query("SELECT 1", &[]))
        .await
        .expect("soon")
        .expect("nothing of what was given up hits another statement");
    let (rows, _) = seen(watcher, &table).await;
    book.known().check(&rows);
    drop(session);
    tally.committed += 1;
    tally.given_up += u64::from(book.known().gave_up);
    tally.rows += rows.len();
    drop_table(watcher, &table).await;
}

async fn drop_table(watcher: &Database, table: &str) {
    let dropped = watcher.batch(&format!("DROP TABLE {table}")).await;
    dropped.expect("nobody holds a lock on it");
}
