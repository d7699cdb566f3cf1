//! Streams and COPY: more data than fits at once, and what happens when they are left midway.

use crate::support::{SOON, pool_of, unique};
use futures_util::future::join_all;
use tokio::time::timeout;
use underpin_pool::{Database, ErrorKind, ToSql, Type};
use underpin_testkit::wait_until;

async fn table(db: &Database) -> String {
    let name = unique("t");
    db.batch(&format!(
        "CREATE TABLE {name} (id int PRIMARY KEY, name text, score float8)"
    ))
    .await
    .expect("the table can be made");
    name
}

async fn count(db: &Database, table: &str) -> i64 {
    let row = db
        .query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .await;
    row.and_then(|row| row.get(0))
        .expect("the table can be counted")
}

#[tokio::test]
async fn stream_hands_out_every_row_in_order() {
    let db = pool_of(1).await;
    let mut rows = db
        .stream("SELECT generate_series(1, 100000)", &[])
        .await
        .unwrap();
    let mut expected = 0;
    while let Some(row) = rows.next().await {
        expected += 1;
        assert_eq!(row.unwrap().get::<i32>(0).unwrap(), expected);
    }
    assert_eq!(expected, 100_000);
    drop(rows);
    db.query("SELECT 1", &[]).await.unwrap();
    assert_eq!(db.status().created, 1);
}

#[tokio::test]
async fn stream_left_midway_does_not_reach_the_next_user() {
    let db = pool_of(1).await;
    let mut rows = db
        .stream("SELECT generate_series(1, 10000000)", &[])
        .await
        .unwrap();
    for _ in 0..10 {
        rows.next().await.unwrap().unwrap();
    }
    drop(rows);
    let row = db.query_one("SELECT 'mine'", &[]).await.unwrap();
    assert_eq!(row.get::<&str>(0).unwrap(), "mine");
}

#[tokio::test]
async fn stream_that_nobody_reads_keeps_the_server_waiting() {
    let db = pool_of(1).await;
    let watcher = pool_of(1).await;
    let marker = unique("stream");
    let mut rows = db
        .stream(
            &format!("SELECT repeat('x', 1000) /* {marker} */ FROM generate_series(1, 1000000)"),
            &[],
        )
        .await
        .unwrap();
    rows.next().await.unwrap().unwrap();
    let waits = "SELECT wait_event FROM pg_stat_activity WHERE query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()";
    wait_until(SOON, async || {
        let row = watcher.query_one(waits, &[&marker]).await.unwrap();
        row.get::<Option<&str>>(0).unwrap() == Some("ClientWrite")
    })
    .await;
}

#[tokio::test]
async fn large_answers_while_large_parameters_are_sent_do_not_deadlock() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    let text = "x".repeat(1_000_000);
    // Each side has more to say than the sockets between them hold, before either has read anything.
    let params: [&(dyn ToSql + Sync); 1] = [&text];
    let echoes = (0..16).map(|_| session.query_one("SELECT $1::text", &params));
    for row in timeout(SOON, join_all(echoes)).await.expect("no deadlock") {
        let row = row.unwrap();
        assert_eq!(row.get::<&str>(0).unwrap().len(), text.len());
    }
}

#[tokio::test]
async fn copied_rows_arrive_with_their_types() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let session = db.checkout().await.unwrap();
    let mut copy = session
        .copy_in(&table, &["id", "name", "score"])
        .await
        .unwrap();
    for id in 0..10_000_i32 {
        let name = (id % 2 == 0).then(|| format!("name {id}"));
        copy.write(&[&id, &name, &(f64::from(id) / 2.0)])
            .await
            .unwrap();
    }
    assert_eq!(copy.finish().await.unwrap(), 10_000);
    let sql = format!("SELECT count(name), sum(score) FROM {table}");
    let row = session.query_one(&sql, &[]).await.unwrap();
    assert_eq!(row.get::<i64>(0).unwrap(), 5000);
    assert_eq!(row.get::<Option<f64>>(1).unwrap(), Some(24_997_500.0));
    session.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn copy_that_is_dropped_leaves_no_row_and_a_clean_session() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let session = db.checkout().await.unwrap();
    let mut copy = session.copy_in(&table, &["id"]).await.unwrap();
    for id in 0..50_000_i32 {
        copy.write(&[&id]).await.unwrap();
    }
    drop(copy);
    drop(session);
    assert_eq!(count(&db, &table).await, 0);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn copy_of_a_row_that_does_not_fit_is_told_apart() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let session = db.checkout().await.unwrap();
    let mut copy = session.copy_in(&table, &["id", "name"]).await.unwrap();
    let error = copy.write(&[&1_i32]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = copy.write(&[&1_i32, &2_i32]).await.unwrap_err();
    assert!(error.to_string().contains("column 2"), "{error}");
    drop(copy);
    let mut copy = session.copy_in(&table, &["id"]).await.unwrap();
    copy.write(&[&1_i32]).await.unwrap();
    copy.write(&[&1_i32]).await.unwrap();
    assert!(copy.finish().await.unwrap_err().is_unique_violation());
    drop(session);
    assert_eq!(count(&db, &table).await, 0);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn data_can_be_copied_out() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    let mut data = session
        .copy_out("COPY (SELECT generate_series(1, 3)) TO STDOUT")
        .await
        .unwrap();
    let mut text = Vec::new();
    while let Some(piece) = data.next().await {
        text.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(text, b"1\n2\n3\n");
}

#[tokio::test]
async fn statement_run_once_prepares_nothing() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    let rows = session
        .query_once(
            "SELECT $1 + 1, $2",
            &[(&41_i32, Type::INT4), (&"x", Type::TEXT)],
        )
        .await
        .unwrap();
    assert_eq!(rows[0].get::<i32>(0).unwrap(), 42);
    let prepared = session
        .query_once("SELECT count(*) FROM pg_prepared_statements", &[])
        .await
        .unwrap();
    assert_eq!(prepared[0].get::<i64>(0).unwrap(), 0);
}

#[tokio::test]
async fn session_that_copied_serves_the_next_checkout() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let session = db.checkout().await.unwrap();
    let mut copy = session.copy_in(&table, &["id", "name"]).await.unwrap();
    copy.write(&[&1, &"one"]).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 1);
    drop(session);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
    assert_eq!(db.status().created, 1, "the session was replaced");
}

#[tokio::test]
async fn copy_in_a_transaction_stands_and_falls_with_it() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    for (first, commits) in [(1, true), (100, false)] {
        let tx = db.begin().await.unwrap();
        let mut copy = tx.copy_in(&table, &["id"]).await.unwrap();
        for id in first..first + 10_i32 {
            copy.write(&[&id]).await.unwrap();
        }
        assert_eq!(copy.finish().await.unwrap(), 10);
        if commits {
            tx.commit().await.unwrap();
        }
    }
    let tx = db.begin().await.unwrap();
    let mut left = tx.copy_in(&table, &["id"]).await.unwrap();
    left.write(&[&500_i32]).await.unwrap();
    drop(left);
    let refused = tx.query("SELECT 1", &[]).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::TransactionState);
    drop(tx);
    assert_eq!(count(&db, &table).await, 10);
    assert_eq!(db.status().created, 1);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}
