//! A statement of a transaction runs inside it or not at all, whatever failed, was dropped or was cancelled before.

use crate::support::{SOON, pool_of, unique};
use tokio::time::timeout;
use underpin_pool::{Database, Error, ErrorKind, Session, Transaction};
use underpin_testkit::{cancel_after, wait_until};

pub(crate) async fn table(db: &Database) -> String {
    let name = unique("t");
    let create = format!("CREATE TABLE {name} (id int PRIMARY KEY, name text)");
    db.batch(&create).await.expect("the table can be made");
    name
}

pub(crate) async fn count(db: &Database, table: &str) -> i64 {
    let rows = db
        .query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .await;
    rows.and_then(|row| row.get(0))
        .expect("the table can be counted")
}

/// The ways in which the first statement of a transaction cannot be sent.
async fn cannot_be_sent(way: usize, tx: &Transaction<'_>, table: &str) -> Option<Error> {
    let insert = format!("INSERT INTO {table} VALUES ($1, $2)");
    match way {
        0 => tx.execute(&insert, &[&"one", &"x"]).await.err(),
        1 => tx.execute(&insert, &[&1]).await.err(),
        2 => tx.execute("SELECT '\0'", &[]).await.err(),
        3 => tx.batch("SELECT '\0'").await.err(),
        4 => tx.stream(&insert, &[&"one", &"x"]).await.err(),
        5 => tx.copy_in("\0", &["id"]).await.err(),
        6 => tx.query("SELECT $1::int", &[&"x"]).await.err(),
        _ => None,
    }
}

#[tokio::test]
async fn first_statement_that_cannot_be_sent_does_not_take_begin_along() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES ($1, $2)");
    db.execute(&insert, &[&0, &"known"]).await.unwrap();
    for way in 0..7 {
        for dropped in [false, true] {
            let tx = db.begin().await.unwrap();
            cannot_be_sent(way, &tx, &table).await.unwrap();
            tx.execute(&insert, &[&1, &"x"]).await.unwrap();
            match dropped {
                true => drop(tx),
                false => tx.rollback().await.unwrap(),
            }
            assert_eq!(count(&db, &table).await, 1, "way {way} autocommitted");
        }
    }
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn closure_that_goes_on_after_a_statement_that_could_not_be_sent_is_rolled_back() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES ($1, $2)");
    db.execute(&insert, &[&0, &"known"]).await.unwrap();
    let outcome = db
        .transaction(async |tx| -> Result<(), Error> {
            tx.execute(&insert, &[&"one", &"x"]).await.unwrap_err();
            tx.execute(&insert, &[&1, &"x"]).await?;
            tx.batch("SELECT 1/0").await
        })
        .await;
    outcome.unwrap_err();
    assert_eq!(count(&db, &table).await, 1);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn first_statement_dropped_at_any_poll_leaves_the_rest_inside() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES ($1, 'x')");
    for polls in 0..6 {
        let tx = db.begin().await.unwrap();
        let fresh = format!("SELECT $1::int /* {} */", unique("q"));
        let _ = cancel_after(polls, tx.query(&fresh, &[&1])).await;
        let written = timeout(SOON, tx.execute(&insert, &[&polls_of(polls)])).await;
        // Cancelled with the one before, or written: inside in any case.
        let _ = written.expect("an answer");
        drop(tx);
        assert_eq!(count(&db, &table).await, 0, "after {polls} polls");
    }
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

fn polls_of(polls: usize) -> i32 {
    i32::try_from(polls).expect("a small number")
}

#[tokio::test]
async fn statement_after_sql_that_ended_the_transaction_is_refused() {
    let db = pool_of(1).await;
    for end in [
        "COMMIT",
        "rollback",
        "/* so */ END",
        ";ABORT",
        "COMMIT AND CHAIN",
        "ROLLBACK AND CHAIN",
        "ROLLBACK; BEGIN",
    ] {
        for as_batch in [true, false] {
            if !as_batch && end.contains("; ") {
                continue;
            }
            let table = table(&db).await;
            let insert = format!("INSERT INTO {table} VALUES ($1, 'x')");
            let tx = db.begin().await.unwrap();
            tx.execute(&insert, &[&1]).await.unwrap();
            // The one behind was asked for before the end was known.
            let ended = async {
                match as_batch {
                    true => tx.batch(end).await,
                    false => tx.execute(end, &[]).await.map(drop),
                }
            };
            let (ended, behind) = tokio::join!(ended, tx.execute(&insert, &[&2]));
            ended.unwrap();
            let behind = match as_batch {
                true => behind.map(drop),
                // It may have come before the statement that was still being prepared.
                false => tx.batch("SELECT 1").await,
            };
            let refused = [
                behind,
                tx.execute(&insert, &[&3]).await.map(drop),
                tx.batch(&format!("INSERT INTO {table} VALUES (4)")).await,
                tx.savepoint().await.map(drop),
                tx.stream("SELECT 1", &[]).await.map(drop),
                tx.copy_in(&table, &["id"]).await.map(drop),
                tx.commit().await,
            ];
            for (number, refused) in refused.into_iter().enumerate() {
                let refused = refused.expect_err(end);
                assert_eq!(
                    refused.kind(),
                    ErrorKind::TransactionState,
                    "{end} {number} {refused}"
                );
            }
            let kept = count(&db, &table).await;
            let undone = end.to_lowercase().contains("ro") || end.contains("ABORT");
            assert_eq!(kept == 0, undone, "{end}");
            assert!(kept < 3, "{end}: {kept}");
            db.batch(&format!("DROP TABLE {table}")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn savepoints_by_hand_do_not_end_the_transaction() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES ($1, 'x')");
    let tx = db.begin().await.unwrap();
    tx.execute(&insert, &[&1]).await.unwrap();
    tx.batch("SAVEPOINT mine").await.unwrap();
    tx.execute(&insert, &[&1]).await.unwrap_err();
    tx.execute("ROLLBACK TO SAVEPOINT mine", &[]).await.unwrap();
    tx.batch("ROLLBACK TO mine; RELEASE mine").await.unwrap();
    tx.execute(&insert, &[&2]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&db, &table).await, 2);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_that_race_to_be_first_are_all_inside() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    for round in 0..50 {
        let outcome = db
            .transaction(async |tx| -> Result<(), Error> {
                let tasks = (0..4_i32).map(|task| {
                    let (tx, table) = (tx.clone(), table.clone());
                    tokio::spawn(async move {
                        let insert = format!("INSERT INTO {table} VALUES ($1, 'x')");
                        match (round + task) % 4 {
                            0 => tx.execute(&insert, &[&task]).await.map(drop),
                            1 => {
                                tx.batch(&format!("INSERT INTO {table} VALUES ({task})"))
                                    .await
                            }
                            2 => tx.execute(&insert, &[&"x"]).await.map(drop),
                            _ => {
                                let savepoint = tx.savepoint().await?;
                                savepoint.execute(&insert, &[&task]).await?;
                                savepoint.release().await
                            }
                        }
                    })
                });
                let tasks: Vec<_> = tasks.collect();
                let mut failed = 0;
                for task in tasks {
                    failed += usize::from(task.await.expect("no panic").is_err());
                }
                assert_eq!(failed, 1, "the one whose value does not fit");
                let rows = tx
                    .query_one(&format!("SELECT count(*) FROM {table}"), &[])
                    .await?;
                assert_eq!(rows.get::<i64>(0)?, 3);
                tx.batch("SELECT 1/0").await
            })
            .await;
        assert_eq!(outcome.unwrap_err().code(), Some("22012"));
        assert_eq!(count(&db, &table).await, 0);
    }
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn savepoint_dropped_while_another_task_waits_wakes_it() {
    let db = pool_of(1).await;
    let tx = db.begin().await.unwrap();
    tx.execute("SELECT 1", &[]).await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    let waits = async {
        let row = tx.query_one("SELECT 1 FROM pg_sleep(0.3)", &[]).await?;
        row.get::<i32>(0)
    };
    let drops = async {
        tokio::task::yield_now().await;
        drop(savepoint);
        Ok::<_, Error>(())
    };
    let both = timeout(SOON, async { tokio::try_join!(waits, drops) }).await;
    assert_eq!(both.expect("nobody hangs").unwrap().0, 1);
    timeout(SOON, tx.commit()).await.unwrap().unwrap();
}

#[tokio::test]
async fn savepoint_whose_end_is_dropped_at_any_poll_ends_once() {
    let db = pool_of(1).await;
    let table = table(&db).await;
    let insert = format!("INSERT INTO {table} VALUES ($1, 'x')");
    for releases in [true, false] {
        for polls in 0..5 {
            let tx = db.begin().await.unwrap();
            tx.execute(&insert, &[&1]).await.unwrap();
            let savepoint = tx.savepoint().await.unwrap();
            savepoint.execute(&insert, &[&2]).await.unwrap();
            let _ = match releases {
                true => cancel_after(polls, savepoint.release()).await,
                false => cancel_after(polls, savepoint.rollback()).await,
            };
            tx.execute(&insert, &[&3]).await.unwrap();
            tx.commit().await.unwrap();
            let kept = count(&db, &table).await;
            let expected = if releases && polls > 0 { 3 } else { 2 };
            assert_eq!(kept, expected, "{releases} after {polls} polls");
            db.batch(&format!("TRUNCATE {table}")).await.unwrap();
        }
    }
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn release_dropped_after_a_failed_statement_rolls_back_to_the_savepoint() {
    let db = pool_of(1).await;
    for polls in 0..5 {
        let tx = db.begin().await.unwrap();
        tx.execute("SELECT 1", &[]).await.unwrap();
        let savepoint = tx.savepoint().await.unwrap();
        savepoint.batch("SELECT 1/0").await.unwrap_err();
        let _ = cancel_after(polls, savepoint.release()).await;
        tx.execute("SELECT 1", &[]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn commit_of_a_connection_that_was_ended_before_is_no_unknown_outcome() {
    let db = pool_of(1).await;
    let watcher = pool_of(1).await;
    let tx = db.begin().await.unwrap();
    let pid: i32 = tx
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .unwrap()
        .get(0)
        .unwrap();
    watcher
        .query("SELECT pg_terminate_backend($1)", &[&pid])
        .await
        .unwrap();
    wait_until(SOON, async || {
        let alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1";
        let row = watcher.query_one(alive, &[&pid]).await.unwrap();
        row.get::<i64>(0).unwrap() == 0
    })
    .await;
    let error = tx.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected, "{error}");
}

#[tokio::test]
async fn session_of_a_failed_transaction_is_given_back_before_the_pause() {
    let db = pool_of(1).await;
    let fails = "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$";
    let retried = {
        let db = db.clone();
        tokio::spawn(async move { db.transaction(async |tx| tx.batch(fails).await).await })
    };
    let mut was_free = false;
    while !retried.is_finished() {
        was_free |= db.status().checked_out == 0 && db.status().created == 1 && was_lent(&db);
        tokio::task::yield_now().await;
    }
    let error = retried.await.unwrap().unwrap_err();
    assert!(error.is_retryable());
    assert!(was_free, "the session was kept during the pauses");
}

fn was_lent(db: &Database) -> bool {
    db.status().checked_in == 1
}

#[tokio::test]
async fn cancelled_prepare_leaves_no_named_statement() {
    let db = pool_of(1).await;
    let session = db.checkout().await.unwrap();
    let names = async |session: &Session| {
        let sql = "SELECT count(*) FROM pg_prepared_statements";
        let rows = session.query_once(sql, &[]).await.unwrap();
        rows[0].get::<i64>(0).unwrap()
    };
    let before = names(&session).await;
    for round in 0..20 {
        let sql = format!("SELECT $1::int /* {} */", unique("q"));
        let _ = cancel_after(1 + round % 2, session.query(&sql, &[&1])).await;
        session.query_once("SELECT 1", &[]).await.unwrap();
    }
    // Those that were ready in time are known, and known ones are used again.
    let kept = names(&session).await - before;
    assert!(kept <= 10, "{kept} statements stayed behind");
    drop(session);
}
