//! What is dropped while its session is held: cancelled on the server, and nobody else is hit or waits for it.

use crate::support::{SOON, options, pool_of, unique};
use crate::whole::{count, table};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use underpin_pool::{Database, Error, ErrorKind, Session};
use underpin_testkit::wait_until;

const MOMENT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn statement_that_timed_out_on_a_held_session_is_cancelled_at_once() {
    let db = pool_of(1).await;
    let watcher = pool_of(1).await;
    let dedicated = Session::connect(&options(|_| {}).await).await.unwrap();
    for session in [db.checkout().await.unwrap(), dedicated] {
        let pid = session.backend_pid();
        let sleep = session.query("SELECT pg_sleep(60)", &[]);
        timeout(MOMENT, sleep).await.unwrap_err();
        // Nobody asks the session for anything.
        wait_until(SOON, async || is_idle(&watcher, pid).await).await;
        let next = timeout(SOON, session.query_one("SELECT 1", &[])).await;
        assert_eq!(next.unwrap().unwrap().get::<i32>(0).unwrap(), 1);
    }
}

#[tokio::test]
async fn statement_of_a_dedicated_session_that_is_dropped_is_cancelled() {
    let watcher = pool_of(1).await;
    let session = Session::connect(&options(|_| {}).await).await.unwrap();
    let pid = session.backend_pid();
    let sleep = session.query("SELECT pg_sleep(60)", &[]);
    timeout(MOMENT, sleep).await.unwrap_err();
    drop(session);
    wait_until(SOON, async || {
        let alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1";
        let row = watcher.query_one(alive, &[&pid]).await.unwrap();
        row.get::<i64>(0).unwrap() == 0
    })
    .await;
}

async fn is_idle(watcher: &Database, pid: i32) -> bool {
    let sql = "SELECT state <> 'active' FROM pg_stat_activity WHERE pid = $1";
    let row = watcher.query_one(sql, &[&pid]).await;
    row.and_then(|row| row.get(0)).expect("the server answers")
}

#[tokio::test]
async fn transaction_with_a_statement_that_timed_out_ends_quickly() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES (1)");
    for step in ["statement", "rollback", "commit", "drop"] {
        let tx = db.begin().await.unwrap();
        tx.execute(&insert, &[]).await.unwrap();
        let sleep = tx.query("SELECT pg_sleep(60)", &[]);
        timeout(MOMENT, sleep).await.unwrap_err();
        let began = Instant::now();
        match step {
            "statement" => {
                let failed = tx.execute("SELECT 1", &[]).await.unwrap_err();
                assert_eq!(failed.kind(), ErrorKind::TransactionState);
                drop(tx);
            }
            "rollback" => tx.rollback().await.unwrap(),
            "commit" => {
                let failed = tx.commit().await.unwrap_err();
                assert_eq!(failed.kind(), ErrorKind::TransactionState);
            }
            _ => drop(tx),
        }
        assert_eq!(count(&db, &table).await, 0, "{step}");
        assert!(began.elapsed() < SOON, "{step}: {:?}", began.elapsed());
    }
    assert_eq!(db.status().created, 1, "the session was replaced");
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn savepoint_with_a_statement_that_timed_out_is_rolled_back_to() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES ($1)");
    for (id, dropped) in [(1, true), (2, false)] {
        let tx = db.begin().await.unwrap();
        tx.execute(&insert, &[&id]).await.unwrap();
        let savepoint = tx.savepoint().await.unwrap();
        let sleep = savepoint.query("SELECT pg_sleep(60)", &[]);
        timeout(MOMENT, sleep).await.unwrap_err();
        let began = Instant::now();
        match dropped {
            true => drop(savepoint),
            false => savepoint.rollback().await.unwrap(),
        }
        tx.execute(&insert, &[&(id + 10)]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    }
    assert_eq!(count(&db, &table).await, 4);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn sibling_of_a_statement_that_timed_out_gets_its_answer() {
    let db = pool_of(1).await;
    let shared = db.transaction(async |tx| {
        tx.execute("SELECT 1", &[]).await?;
        let gives_up = async {
            let sleep = tx.query("SELECT pg_sleep(60)", &[]);
            timeout(MOMENT, sleep).await.unwrap_err();
        };
        let waits = async {
            tokio::task::yield_now().await;
            tx.query("SELECT 1", &[]).await
        };
        let (_, answer) = tokio::join!(gives_up, waits);
        answer.map(drop)
    });
    let answer: Result<(), Error> = timeout(SOON, shared).await.expect("nobody hangs");
    answer.unwrap_err();
    db.query("SELECT 1", &[]).await.unwrap();
}

#[tokio::test]
async fn sibling_on_a_plain_session_is_not_hit_and_does_not_wait() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    let gives_up = async {
        let sleep = session.query("SELECT pg_sleep(60)", &[]);
        timeout(MOMENT, sleep).await.unwrap_err();
    };
    let both = async { tokio::join!(gives_up, session.query("SELECT 1", &[])) };
    let (_, answer) = timeout(SOON, both).await.expect("nobody waits for it");
    answer.expect("it stands for itself");
}

#[tokio::test]
async fn cancel_never_hits_the_next_statement_of_a_held_session() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    for round in 0..150 {
        let patience = Duration::from_micros(500 * (round % 60));
        let sql = "SELECT pg_sleep(0.02)";
        let _ = timeout(patience, session.query(sql, &[])).await;
        session.query("SELECT pg_sleep(0.001)", &[]).await.unwrap();
    }
}

#[tokio::test]
async fn stream_dropped_on_a_held_session_is_not_read_to_its_end() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    let endless = "SELECT repeat('x', 1000), generate_series(1, 100000000)";
    let mut rows = session.stream(endless, &[]).await.unwrap();
    rows.next().await.unwrap().unwrap();
    drop(rows);
    timeout(SOON, session.query("SELECT 1", &[]))
        .await
        .expect("soon")
        .unwrap();
    let copy = format!("COPY ({endless}) TO STDOUT");
    let mut pieces = session.copy_out(&copy).await.unwrap();
    pieces.next().await.unwrap().unwrap();
    drop(pieces);
    timeout(SOON, session.query("SELECT 1", &[]))
        .await
        .expect("soon")
        .unwrap();
    drop(session);
    assert_eq!(db.status().created, 1);
}

#[tokio::test]
async fn stream_dropped_in_a_transaction_does_not_fail_it() {
    let db = pool_of(1).await;
    let tx = db.begin().await.unwrap();
    let endless = "SELECT repeat('x', 1000), generate_series(1, 100000000)";
    let mut rows = tx.stream(endless, &[]).await.unwrap();
    rows.next().await.unwrap().unwrap();
    drop(rows);
    timeout(SOON, tx.query("SELECT 1", &[]))
        .await
        .expect("soon")
        .unwrap();
    timeout(SOON, tx.commit()).await.expect("soon").unwrap();
    assert_eq!(db.status().created, 1);
}

#[tokio::test]
async fn without_cancel_on_drop_the_statement_runs_to_its_end() {
    let options = options(|pool| {
        (pool.size, pool.max_overflow) = (1, 0);
        pool.cancel_on_drop = false;
    });
    let db = Database::connect(options.await).await.unwrap();
    let table = table(&db).await;
    let session = db.checkout().await.unwrap();
    let slow = format!("INSERT INTO {table} SELECT 1 FROM pg_sleep(0.4)");
    timeout(MOMENT, session.execute(&slow, &[]))
        .await
        .unwrap_err();
    session.query("SELECT 1", &[]).await.unwrap();
    drop(session);
    assert_eq!(count(&db, &table).await, 1, "it was not cancelled");
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn task_aborted_while_it_waits_for_its_turn_leaves_the_others() {
    let db = pool_of(1).await;
    let marker = unique("turn");
    let outcome = db
        .transaction(async |tx| -> Result<(), Error> {
            tx.execute("SELECT 1", &[]).await?;
            // Savepoints go one at a time: all but one of these wait for their turn.
            let tasks: Vec<_> = (0..8_i32)
                .map(|number| {
                    let (tx, marker) = (tx.clone(), marker.clone());
                    tokio::spawn(async move {
                        let sql = format!("SELECT {number} FROM pg_sleep(0.01) /* {marker} */");
                        tx.batch(&sql).await
                    })
                })
                .collect();
            tokio::task::yield_now().await;
            for task in tasks.iter().skip(1).step_by(2) {
                task.abort();
            }
            for (number, task) in tasks.into_iter().enumerate() {
                let answer = timeout(SOON, task).await.expect("nobody hangs");
                assert!(answer.is_ok() || number % 2 == 1);
            }
            Ok(())
        })
        .await;
    // The one that was running may have been cancelled, and the transaction with it.
    let _ = outcome;
    db.query("SELECT 1", &[]).await.unwrap();
}
