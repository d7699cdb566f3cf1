//! Prepared statements: bounded, and right after the schema changed under them.

use crate::support::{SOON, pool};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use underpin_testkit::{shared_cluster, wait_until};

#[tokio::test]
async fn ten_thousand_different_statements_leave_no_more_than_the_cap_prepared() {
    let db = pool(shared_cluster().await.url("postgres"), |pool| {
        (
            pool.size,
            pool.max_overflow,
            pool.lanes,
            pool.statement_cache,
        ) = (1, 0, 0, 100);
    });
    for number in 0..10_000 {
        db.query(&format!("SELECT {number}"), &[]).await.unwrap();
    }
    let row = db
        .query_one("SELECT count(*) FROM pg_prepared_statements", &[])
        .await
        .unwrap();
    assert!(row.get::<i64>(0).unwrap() <= 101, "{row:?}");
}

#[tokio::test]
async fn changed_table_under_a_cached_plan_is_no_error_outside_transactions() {
    let url = shared_cluster().await.url("postgres");
    let db = pool(url, |pool| (pool.size, pool.max_overflow) = (2, 0));
    let table = format!("t_{}", uuid::Uuid::new_v4().simple());
    db.batch(&format!(
        "CREATE TABLE {table} (a int); INSERT INTO {table} VALUES (1)"
    ))
    .await
    .unwrap();
    let select = format!("SELECT * FROM {table}");
    let session = db.checkout().await.unwrap();
    assert_eq!(session.query_one(&select, &[]).await.unwrap().len(), 1);
    db.batch(&format!("ALTER TABLE {table} ADD b int"))
        .await
        .unwrap();
    assert_eq!(session.query_one(&select, &[]).await.unwrap().len(), 2);
    db.batch(&format!("ALTER TABLE {table} ALTER a TYPE text"))
        .await
        .unwrap();
    assert_eq!(
        session
            .query_one(&select, &[])
            .await
            .unwrap()
            .get::<&str>(0)
            .unwrap(),
        "1"
    );
    session.batch("DEALLOCATE ALL").await.unwrap();
    session.query_one(&select, &[]).await.unwrap();
    session.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_may_change_while_workers_read_them() {
    let db = pool(shared_cluster().await.url("postgres"), |_| {});
    let table = format!("t_{}", uuid::Uuid::new_v4().simple());
    db.batch(&format!(
        "CREATE TABLE {table} (a int); INSERT INTO {table} VALUES (1)"
    ))
    .await
    .unwrap();
    let select = format!("SELECT * FROM {table}");
    let (reads, stop) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (db, select) = (db.clone(), select.clone());
            let (reads, stop) = (reads.clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let rows = db.query(&select, &[]).await;
                    assert_eq!(rows.expect("no change is an error").len(), 1);
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for number in 0..10 {
        let r#type = if number % 2 == 0 {
            "text"
        } else {
            "int USING a::int"
        };
        db.batch(&format!(
            "ALTER TABLE {table} ADD c{number} int; ALTER TABLE {table} ALTER a TYPE {type}"
        ))
        .await
        .unwrap();
        let goal = reads.load(Ordering::Relaxed) + 200;
        wait_until(SOON, async || reads.load(Ordering::Relaxed) >= goal).await;
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}
