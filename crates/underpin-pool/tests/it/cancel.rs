//! Drop any future after n polls: the next user finds a clean session.

use crate::support::{SOON, pool_of, unique};
use std::time::Duration;
use tokio::time::timeout;
use underpin_pool::{Database, Error};
use underpin_testkit::{cancel_after, wait_until};

/// The pool has all its sessions back, and the next one is outside any transaction and without locks.
pub(crate) async fn assert_clean(db: &Database) {
    wait_until(SOON, async || db.status().checked_out == 0).await;
    let session = db.checkout().await.expect("a session is free");
    let locks: i64 = session
        .query_one(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
            &[],
        )
        .await
        .and_then(|row| row.get(0))
        .expect("the session answers");
    assert_eq!(locks, 0, "a lock was left");
    // VACUUM refuses to run inside a transaction.
    session
        .batch("VACUUM pg_catalog.pg_am")
        .await
        .expect("outside a transaction");
    drop(session);
    let status = db.status();
    assert!(status.total <= 1 && status.waiting == 0, "{status:?}");
}

/// Drops `work` after 0, 1, 2, … polls until it completes; the pool must be clean after each.
async fn at_every_poll(work: impl AsyncFn(Database) -> Result<(), Error>) {
    at_every_poll_on(&pool_of(1).await, work).await;
}

/// As `at_every_poll`, on a pool of one session.
pub(crate) async fn at_every_poll_on(
    db: &Database,
    work: impl AsyncFn(Database) -> Result<(), Error>,
) {
    for polls in 0.. {
        let done = cancel_after(polls, work(db.clone())).await;
        assert_clean(db).await;
        if let Some(outcome) = done {
            outcome.expect("nothing fails when nothing is dropped");
            assert!(polls > 0, "nothing was cancelled");
            return;
        }
        assert!(polls < 1000, "does not end");
    }
}

#[tokio::test]
async fn checkout_can_be_dropped_at_any_poll() {
    at_every_poll(async |db| db.checkout().await.map(drop)).await;
}

#[tokio::test]
async fn query_can_be_dropped_at_any_poll() {
    at_every_poll(async |db| {
        db.query("SELECT generate_series(1, 1000)", &[])
            .await
            .map(drop)
    })
    .await;
}

#[tokio::test]
async fn failing_query_can_be_dropped_at_any_poll() {
    at_every_poll(async |db| {
        db.query("SELECT 1/0", &[]).await.unwrap_err();
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn transaction_can_be_dropped_at_any_poll() {
    at_every_poll(async |db| {
        let tx = db.begin().await?;
        tx.query("SELECT pg_advisory_xact_lock(77)", &[]).await?;
        let savepoint = tx.savepoint().await?;
        savepoint.query("SELECT 1", &[]).await?;
        savepoint.release().await?;
        tx.commit().await
    })
    .await;
}

#[tokio::test]
async fn rollback_can_be_dropped_at_any_poll() {
    at_every_poll(async |db| {
        let tx = db.begin().await?;
        tx.query("SELECT pg_advisory_xact_lock(78)", &[]).await?;
        tx.rollback().await
    })
    .await;
}

#[tokio::test]
async fn retried_transaction_can_be_dropped_at_any_poll() {
    at_every_poll(async |db| {
        db.transaction(async |tx| {
            tx.query("SELECT pg_advisory_xact_lock(79)", &[]).await?;
            Ok(())
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn copy_can_be_dropped_at_any_poll() {
    let table = unique("t");
    let db = pool_of(1).await;
    db.batch(&format!("CREATE TABLE {table} (id int)"))
        .await
        .unwrap();
    at_every_poll_on(&db, async |db| {
        let session = db.checkout().await?;
        let mut copy = session.copy_in(&table, &["id"]).await?;
        copy.write(&[&1]).await?;
        copy.finish().await.map(drop)
    })
    .await;
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn stream_can_be_dropped_at_any_poll() {
    at_every_poll(async |db| {
        let mut rows = db.stream("SELECT generate_series(1, 100)", &[]).await?;
        while let Some(row) = rows.next().await {
            row?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn raw_begin_left_open_is_rolled_back() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    session
        .batch("BEGIN; SELECT pg_advisory_xact_lock(80)")
        .await
        .unwrap();
    drop(session);
    assert_clean(&db).await;
    let session = db.checkout().await.unwrap();
    session.batch("BEGIN").await.unwrap();
    session.batch("SELECT 1/0").await.unwrap_err();
    drop(session);
    assert_clean(&db).await;
}

#[tokio::test]
async fn dropped_query_is_cancelled_on_the_server() {
    let db = pool_of(1).await;
    let watcher = pool_of(1).await;
    let marker = unique("sleep");
    let sql = format!("SELECT pg_sleep(60) /* {marker} */");
    let running = async |count: i64| {
        let query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%' || $1 || '%' AND state = 'active'
                     AND pid <> pg_backend_pid()";
        let row = watcher.query_one(query, &[&marker]).await.unwrap();
        row.get::<i64>(0).unwrap() == count
    };
    let task = tokio::spawn({
        let db = db.clone();
        async move { db.query(&sql, &[]).await.map(drop) }
    });
    wait_until(SOON, async || running(1).await).await;
    task.abort();
    wait_until(Duration::from_secs(1), async || running(0).await).await;
    assert_clean(&db).await;
    assert_eq!(
        db.status().created,
        1,
        "the session was cleaned, not replaced"
    );
}

#[tokio::test]
async fn a_hundred_cancels_never_hit_the_next_statement() {
    let db = pool_of(1).await;
    for round in 0..100 {
        let patience = Duration::from_micros(200 * (round % 10));
        let sleep = db.query("SELECT pg_sleep(60)", &[]);
        assert!(timeout(patience, sleep).await.is_err());
        db.query("SELECT 1", &[]).await.unwrap();
    }
}
