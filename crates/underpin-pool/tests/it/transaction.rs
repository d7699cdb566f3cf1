//! Transactions end as their user said, or are rolled back.

use crate::support::{options, pool_of, unique};
use std::sync::atomic::{AtomicU32, Ordering};
use underpin_pool::{Database, Error, ErrorKind, Executor, Isolation, TransactionOptions};

async fn table(db: &Database) -> String {
    let name = unique("t");
    db.batch(&format!(
        "CREATE TABLE {name} (id int PRIMARY KEY, value int NOT NULL DEFAULT 0)"
    ))
    .await
    .expect("the table can be made");
    name
}

async fn count(db: &Database, table: &str) -> i64 {
    db.query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .await
        .and_then(|row| row.get(0))
        .expect("the table can be counted")
}

#[tokio::test]
async fn committed_work_stays_and_dropped_work_does_not() {
    let db = pool_of(2).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES ($1)");
    let tx = db.begin().await.unwrap();
    tx.execute(&insert, &[&1]).await.unwrap();
    tx.commit().await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.execute(&insert, &[&2]).await.unwrap();
    drop(tx);
    assert_eq!(count(&db, &table).await, 1);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn committing_after_a_failed_statement_is_an_error() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES ($1)");
    let tx = db.begin().await.unwrap();
    tx.execute(&insert, &[&1]).await.unwrap();
    let error = tx.execute(&insert, &[&1]).await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!(error.constraint(), Some(format!("{table}_pkey").as_str()));
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TransactionState);
    assert_eq!(count(&db, &table).await, 0);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn unique_violation_tells_no_value_in_any_text() {
    let db = pool_of(1).await;
    let table = unique("t");
    db.batch(&format!("CREATE TABLE {table} (email text UNIQUE)"))
        .await
        .unwrap();
    let insert = format!("INSERT INTO {table} VALUES ($1)");
    db.execute(&insert, &[&"patient@example.org"])
        .await
        .unwrap();
    let error = db
        .execute(&insert, &[&"patient@example.org"])
        .await
        .unwrap_err();
    let texts = format!("{error} {error:?} {}", underpin_core::Chain(&error));
    assert!(!texts.contains("patient@example.org"), "{texts}");
    assert!(
        error
            .server()
            .unwrap()
            .detail()
            .unwrap()
            .contains("patient@example.org")
    );
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn savepoint_undoes_only_what_came_after_it() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES ($1)");
    let tx = db.begin().await.unwrap();
    tx.execute(&insert, &[&1]).await.unwrap();
    {
        let savepoint = tx.savepoint().await.unwrap();
        savepoint.execute(&insert, &[&1]).await.unwrap_err();
    }
    let outer = tx.savepoint().await.unwrap();
    outer.execute(&insert, &[&2]).await.unwrap();
    let inner = outer.savepoint().await.unwrap();
    inner.execute(&insert, &[&3]).await.unwrap();
    inner.rollback().await.unwrap();
    outer.release().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&db, &table).await, 2);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn statements_of_one_transaction_may_be_pipelined() {
    let db = pool_of(1).await;
    let tx = db.begin().await.unwrap();
    let (one, two, three) = tokio::join!(
        tx.query_one("SELECT 1", &[]),
        tx.query_one("SELECT 2", &[]),
        tx.query_one("SELECT pg_backend_pid(), txid_current_if_assigned()", &[]),
    );
    assert_eq!(one.unwrap().get::<i32>(0).unwrap(), 1);
    assert_eq!(two.unwrap().get::<i32>(0).unwrap(), 2);
    three.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn panic_in_a_transaction_rolls_it_back() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let task = tokio::spawn({
        let (db, insert) = (db.clone(), format!("INSERT INTO {table} VALUES (1)"));
        async move {
            db.transaction(async |tx| -> Result<(), Error> {
                tx.execute(&insert, &[]).await?;
                panic!("on purpose")
            })
            .await
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(count(&db, &table).await, 0);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn serialization_failure_runs_the_transaction_again() {
    let db = pool_of(4).await;
    let table = table(&db).await;
    db.execute(&format!("INSERT INTO {table} VALUES (1)"), &[])
        .await
        .unwrap();
    let rounds = AtomicU32::new(0);
    let serializable = TransactionOptions {
        isolation: Some(Isolation::Serializable),
        ..Default::default()
    };
    let (read, write) = (
        format!("SELECT value FROM {table} WHERE id = 1"),
        format!("UPDATE {table} SET value = $1 WHERE id = 1"),
    );
    let other = db.clone();
    db.transaction_with(serializable, async |tx| -> Result<(), Error> {
        let round = rounds.fetch_add(1, Ordering::Relaxed);
        let value: i32 = tx.query_one(&read, &[]).await?.get(0)?;
        if round == 0 {
            other.execute(&write, &[&10]).await?;
        }
        tx.execute(&write, &[&(value + 1)]).await?;
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(rounds.load(Ordering::Relaxed), 2);
    let value: i32 = db.query_one(&read, &[]).await.unwrap().get(0).unwrap();
    assert_eq!(value, 11, "nothing was lost");
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn read_only_transaction_refuses_writes_and_the_pool_stays() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let options = TransactionOptions {
        read_only: true,
        ..Default::default()
    };
    let tx = db.begin_with(options).await.unwrap();
    let error = tx
        .execute(&format!("INSERT INTO {table} VALUES (1)"), &[])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    drop(tx);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
    assert_eq!(db.status().created, 1, "the session was kept");
}

#[tokio::test]
async fn lent_session_can_be_used_after_its_transaction_was_dropped() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let mut session = db.checkout().await.unwrap();
    let tx = session.begin();
    tx.execute(&format!("INSERT INTO {table} VALUES (1)"), &[])
        .await
        .unwrap();
    drop(tx);
    let rows: i64 = session
        .query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .await
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(rows, 0);
    session.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn transaction_runs_inside_a_spawned_task() {
    let db = Database::connect(options(|_| {}).await).await.unwrap();
    async fn generic(executor: &impl Executor) -> Result<i32, Error> {
        executor.query_one("SELECT 7", &[]).await?.get(0)
    }
    let task = tokio::spawn(async move { db.transaction(async |tx| generic(&tx).await).await });
    assert_eq!(task.await.unwrap().unwrap(), 7);
}
