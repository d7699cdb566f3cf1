//! The server says no: too many connections, a timeout fired, a lock not granted.

use crate::support::{SOON, assert_whole, pool};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use underpin_pool::{Error, ErrorKind};
use underpin_testkit::{private_cluster_with, shared_cluster, wait_until};

#[tokio::test]
async fn pool_serves_with_what_it_has_when_the_server_has_no_more() {
    let cluster = private_cluster_with(|settings| {
        settings
            .with_server_setting("max_connections", "6")
            .with_server_setting("superuser_reserved_connections", "0")
            .with_server_setting("max_wal_senders", "0")
    })
    .await;
    let db = pool(cluster.url("postgres"), |pool| {
        (pool.size, pool.lanes) = (20, 0)
    });
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.query("SELECT pg_sleep(0.005)", &[]).await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert!(db.status().total <= 6, "{:?}", db.status());
    assert_whole(&db).await;
}

#[tokio::test]
async fn timeouts_of_the_server_have_their_kinds_and_only_one_costs_the_session() {
    let db = pool(shared_cluster().await.url("postgres"), |pool| {
        (pool.size, pool.max_overflow, pool.lanes) = (1, 0, 0);
        pool.statement_timeout = Some(Duration::from_millis(100));
        pool.lock_timeout = Some(Duration::from_millis(50));
        pool.idle_in_transaction_timeout = Some(Duration::from_millis(100));
    });
    let error = db.query("SELECT pg_sleep(5)", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);

    let other = pool(shared_cluster().await.url("postgres"), |_| {});
    let key = i64::from(std::process::id());
    let holder = other.begin().await.unwrap();
    holder
        .query("SELECT pg_advisory_xact_lock($1)", &[&key])
        .await
        .unwrap();
    let error = db
        .query("SELECT pg_advisory_xact_lock($1)", &[&key])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LockTimeout);
    holder.rollback().await.unwrap();
    assert_eq!(db.status().created, 1, "both left the session as it was");

    let tx = db.begin().await.unwrap();
    let pid: i32 = tx
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .unwrap()
        .get(0)
        .unwrap();
    wait_until(SOON, async || {
        let alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1";
        other
            .query_one(alive, &[&pid])
            .await
            .unwrap()
            .get::<i64>(0)
            .unwrap()
            == 0
    })
    .await;
    let error = tx.query("SELECT 1", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    assert!(
        underpin_core::Chain(&error)
            .to_string()
            .contains("idle-in-transaction timeout"),
        "{error:?}"
    );
    drop(tx);
    assert_whole(&db).await;
    assert_eq!(db.status().created, 2);
}

#[tokio::test]
async fn deadlock_runs_the_victim_again_and_both_commit() {
    let db = pool(shared_cluster().await.url("postgres"), |_| {});
    let table = format!("t_{}", uuid::Uuid::new_v4().simple());
    db.batch(&format!("CREATE TABLE {table} (id int PRIMARY KEY, n int); INSERT INTO {table} VALUES (1, 0), (2, 0)"))
        .await
        .unwrap();
    let update = format!("UPDATE {table} SET n = n + 1 WHERE id = $1");
    let barrier = tokio::sync::Barrier::new(2);
    let cross = async |first: i32, second: i32| {
        let (update, barrier, met) = (&update, &barrier, AtomicBool::new(false));
        let met = &met;
        db.transaction(async |tx| -> Result<(), Error> {
            tx.execute(update, &[&first]).await?;
            if !met.swap(true, Ordering::Relaxed) {
                barrier.wait().await;
            }
            tx.execute(update, &[&second]).await?;
            Ok(())
        })
        .await
    };
    let (one, two) = tokio::join!(cross(1, 2), cross(2, 1));
    one.unwrap();
    two.unwrap();
    let sum: i64 = db
        .query_one(&format!("SELECT sum(n) FROM {table}"), &[])
        .await
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(sum, 4);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}
