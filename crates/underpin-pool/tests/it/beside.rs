//! Streams, COPY and statements side by side on one session: ordered or refused, and bounded in memory.

use crate::support::{SOON, pool_of};
use crate::whole::{count, table};
use tokio::time::timeout;
use underpin_pool::ErrorKind;

#[tokio::test]
async fn row_that_does_not_fit_leaves_no_trace_in_a_copy() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let session = db.checkout().await.unwrap();
    let mut copy = session.copy_in(&table, &["id", "name"]).await.unwrap();
    copy.write(&[&1, &"one"]).await.unwrap();
    copy.write(&[&2, &2]).await.unwrap_err();
    copy.write(&[&3]).await.unwrap_err();
    copy.write(&[&"four", &"four"]).await.unwrap_err();
    copy.write(&[&5, &"five"]).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 2);
    let sql = format!("SELECT string_agg(id || name, ' ' ORDER BY id) FROM {table}");
    let row = session.query_one(&sql, &[]).await.unwrap();
    assert_eq!(row.get::<&str>(0).unwrap(), "1one 5five");
    session.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn statement_during_a_copy_is_refused_and_the_copy_goes_on() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let tx = db.begin().await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    let mut copy = tx.copy_in(&table, &["id"]).await.unwrap();
    copy.write(&[&1]).await.unwrap();
    let refused = [
        tx.execute("SELECT 1", &[]).await.map(drop),
        tx.batch("SELECT 1").await,
        tx.stream("SELECT 1", &[]).await.map(drop),
        tx.savepoint().await.map(drop),
        tx.copy_in(&table, &["id"]).await.map(drop),
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::TransactionState);
    }
    copy.write(&[&2]).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 2);
    savepoint.release().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&db, &table).await, 2);
    assert_eq!(db.status().created, 1);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn savepoint_dropped_during_a_copy_is_rolled_back_to_when_it_ends() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let tx = db.begin().await.unwrap();
    tx.execute(&format!("INSERT INTO {table} VALUES (100)"), &[])
        .await
        .unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    let mut copy = tx.copy_in(&table, &["id"]).await.unwrap();
    copy.write(&[&1]).await.unwrap();
    drop(savepoint);
    copy.write(&[&2]).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 2);
    tx.execute(&format!("INSERT INTO {table} VALUES (101)"), &[])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&db, &table).await, 2);
    assert_eq!(db.status().created, 1);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn copy_written_as_a_statement_does_not_swallow_the_one_behind_it() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let copy = format!("COPY {table} FROM STDIN");
    let insert = format!("INSERT INTO {table} VALUES (1)");
    let session = db.checkout().await.unwrap();
    session.execute(&insert, &[]).await.unwrap();
    session
        .execute(&format!("DELETE FROM {table}"), &[])
        .await
        .unwrap();
    let both = async { tokio::join!(session.execute(&copy, &[]), session.execute(&insert, &[])) };
    let (copied, inserted) = timeout(SOON, both).await.expect("nobody hangs");
    copied.unwrap_err();
    assert_eq!(inserted.unwrap(), 1);
    assert_eq!(count_on(&session, &table).await, 1);
    // Asked for data of the wrong direction.
    let wrong = timeout(SOON, session.copy_out(&copy)).await;
    wrong.expect("nobody hangs").unwrap_err();
    session.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

async fn count_on(session: &underpin_pool::Session, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let row = session.query_one(&sql, &[]).await;
    row.and_then(|row| row.get(0))
        .expect("the table can be counted")
}

/// What this process holds in memory, in MiB.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let digits = line.and_then(|line| line.split_whitespace().nth(1));
    digits.expect("a number").parse::<usize>().expect("kB") / 1024
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn statements_beside_a_stream_that_nobody_reads_need_little_memory() {
    let db = pool_of(2).await;
    let large = "SELECT g, repeat('x', 1000) FROM generate_series(1, 400000) g";
    let before = resident();
    let tx = db.begin().await.unwrap();
    let mut rows = tx.stream(large, &[]).await.unwrap();
    rows.next().await.unwrap().unwrap();
    for _ in 0..3 {
        tx.query_one("SELECT 1", &[]).await.unwrap();
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 128, "{grown} MiB");
    let mut read = 1;
    while let Some(row) = rows.next().await {
        row.unwrap();
        read += 1;
    }
    assert_eq!(read, 400_000, "no row is lost");
    drop(rows);
    tx.commit().await.unwrap();

    let session = db.checkout().await.unwrap();
    let mut rows = session.stream(large, &[]).await.unwrap();
    rows.next().await.unwrap().unwrap();
    session.query_one("SELECT 1", &[]).await.unwrap();
    let grown = resident().saturating_sub(before);
    assert!(grown < 128, "{grown} MiB");
    let mut read = 1;
    let error = loop {
        match rows.next().await.expect("an end that is an error") {
            Ok(row) => {
                read += 1;
                assert_eq!(row.get::<i32>(0).unwrap(), read);
            }
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::TransactionState, "{error}");
    assert!(rows.next().await.is_none());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn wide_rows_of_a_stream_in_a_transaction_are_not_too_many_at_once() {
    let db = pool_of(1).await;
    let before = resident();
    let tx = db.begin().await.unwrap();
    let wide = "SELECT repeat('x', 200000) FROM generate_series(1, 1000)";
    let mut rows = tx.stream(wide, &[]).await.unwrap();
    let mut read = 0;
    while let Some(row) = rows.next().await {
        row.unwrap();
        read += 1;
        // Reads what has been asked for out of the way.
        tx.query_one("SELECT 1", &[]).await.unwrap();
    }
    assert_eq!(read, 1000);
    let grown = resident().saturating_sub(before);
    assert!(grown < 128, "{grown} MiB");
    drop(rows);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn statement_behind_an_endless_stream_that_nobody_reads_is_answered() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    let endless = "SELECT repeat('x', 1000), generate_series(1, 100000000)";
    let mut rows = session.stream(endless, &[]).await.unwrap();
    rows.next().await.unwrap().unwrap();
    let answer = timeout(SOON * 2, session.query_one("SELECT 1", &[])).await;
    answer.expect("the stream is cancelled").unwrap();
    let error = loop {
        match rows.next().await.expect("an end that is an error") {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::TransactionState, "{error}");
    drop(rows);
    session.query_one("SELECT 1", &[]).await.unwrap();
    drop(session);
    assert_eq!(db.status().created, 1);
}
