//! Lanes: faster under load, invisible otherwise.

use crate::support::{SOON, options, unique};
use futures_util::future::join_all;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use underpin_pool::{Database, ErrorKind, Session};
use underpin_testkit::wait_until;

/// A pool whose lanes are connected and know `sql` to be short.
async fn warm(sql: &str) -> Database {
    let db = Database::connect(options(|pool| (pool.size, pool.lanes) = (4, 2)).await)
        .await
        .expect("the shared cluster answers");
    wait_until(SOON * 4, async || {
        db.query(sql, &[]).await.expect("the statement runs");
        crowd(&db, sql, 16).await;
        db.status().lanes == 2
    })
    .await;
    db
}

async fn crowd(db: &Database, sql: &str, tasks: usize) {
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let (db, sql) = (db.clone(), String::from(sql));
            tokio::spawn(async move { db.query(&sql, &[]).await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic").expect("the statement runs");
    }
}

#[tokio::test]
async fn lanes_carry_statements_while_every_session_is_taken() {
    let sql = "SELECT pg_backend_pid()";
    let db = warm(sql).await;
    let size = db.options().pool.size;
    db.resize(size, 0);
    // On an overloaded machine a statement may take too long for a lane once; a session then shows it short again.
    wait_until(SOON, async || {
        db.query(sql, &[]).await.unwrap();
        let mut held = Vec::new();
        for _ in 0..size {
            held.push(db.checkout().await.unwrap());
        }
        let statements = (0..64).map(|_| db.query_one(sql, &[]));
        let all = timeout(Duration::from_secs(1), join_all(statements)).await;
        let Ok(Ok(rows)) = all.map(|rows| rows.into_iter().collect::<Result<Vec<_>, _>>()) else {
            return false;
        };
        let pids: HashSet<i32> = rows.iter().map(|row| row.get(0).unwrap()).collect();
        assert!(pids.len() <= 2, "{pids:?}");
        assert!(
            held.iter()
                .all(|session| !pids.contains(&session.backend_pid()))
        );
        true
    })
    .await;
}

#[tokio::test]
async fn no_lane_is_opened_when_they_are_switched_off() {
    let db = Database::connect(options(|pool| (pool.size, pool.lanes) = (4, 0)).await)
        .await
        .unwrap();
    for _ in 0..4 {
        crowd(&db, "SELECT 1", 32).await;
    }
    assert_eq!(db.status().lanes, 0);
}

#[tokio::test]
async fn slow_statement_leaves_the_lane_and_still_succeeds() {
    let table = unique("t");
    let sql = format!("SELECT count(*) FROM {table}, generate_series(1, n)");
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    admin
        .batch(&format!("CREATE TABLE {table} AS SELECT 1 AS n"))
        .await
        .unwrap();
    let db = warm(&sql).await;
    admin
        .execute(&format!("UPDATE {table} SET n = 3000000"), &[])
        .await
        .unwrap();
    crowd(&db, &sql, 8).await;
    admin.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn write_that_waits_for_a_row_lock_does_not_hold_up_the_lane() {
    let table = unique("t");
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    admin.batch(&format!("CREATE TABLE {table} (id int PRIMARY KEY, n int); INSERT INTO {table} VALUES (1, 0), (2, 0)"))
        .await
        .unwrap();
    let write = format!("UPDATE {table} SET n = n + 1 WHERE id = $1");
    let db = Database::connect(options(|pool| (pool.size, pool.lanes) = (4, 1)).await)
        .await
        .unwrap();
    wait_until(SOON, async || {
        join_all((0..8).map(|_| db.execute(&write, &[&2]))).await;
        db.status().lanes == 1
    })
    .await;

    let holder = admin.begin().await.unwrap();
    holder.execute(&write, &[&1]).await.unwrap();
    let (blocked_db, blocked_sql) = (db.clone(), write.clone());
    let blocked: Vec<_> = (0..3)
        .map(|_| {
            let (db, sql) = (blocked_db.clone(), blocked_sql.clone());
            tokio::spawn(async move { db.execute(&sql, &[&1]).await })
        })
        .collect();
    // Others get through although three wait for the row's lock.
    for _ in 0..20 {
        timeout(SOON, db.query("SELECT 1", &[]))
            .await
            .unwrap()
            .unwrap();
    }
    holder.commit().await.unwrap();
    for task in blocked {
        assert_eq!(task.await.unwrap().unwrap(), 1);
    }
    admin.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn one_failing_statement_does_not_poison_its_neighbours() {
    let table = unique("t");
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    admin
        .batch(&format!("CREATE TABLE {table} (id int PRIMARY KEY)"))
        .await
        .unwrap();
    let insert = format!("INSERT INTO {table} VALUES ($1)");
    let db = warm("SELECT 1").await;
    let outcomes = join_all((0..64).map(|number| {
        let (db, insert) = (db.clone(), insert.clone());
        async move { db.execute(&insert, &[&(number / 2)]).await }
    }))
    .await;
    let failed: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .collect();
    assert_eq!(failed.len(), 32);
    assert!(
        failed
            .iter()
            .all(|error| error.kind() == ErrorKind::UniqueViolation)
    );
    admin.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn killed_lane_fails_its_statements_and_is_replaced() {
    let db = warm("SELECT pg_backend_pid()").await;
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    let marker = unique("marker");
    let sql = format!("SELECT pg_backend_pid() /* {marker} */");
    wait_until(SOON, async || {
        crowd(&db, &sql, 32).await;
        let killed = admin
            .execute(
                "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
                 WHERE query LIKE '%' || $1 || '%' AND pid <> pg_backend_pid()",
                &[&marker],
            )
            .await
            .unwrap();
        killed > 0
    })
    .await;
    wait_until(SOON, async || db.query("SELECT 1", &[]).await.is_ok()).await;
    wait_until(SOON, async || {
        let _ = join_all((0..32).map(|_| db.query("SELECT 1", &[]))).await;
        db.status().lanes == 2
    })
    .await;
}

#[tokio::test]
async fn dropping_a_statement_on_a_lane_disturbs_nobody() {
    let db = warm("SELECT 1").await;
    let all = (0..64).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let patience = Duration::from_micros(20 * number);
            let _ = timeout(patience, db.query("SELECT 1", &[])).await;
            db.query_one("SELECT $1::int", &[&7])
                .await
                .unwrap()
                .get::<i32>(0)
                .unwrap()
        })
    });
    for task in join_all(all).await {
        assert_eq!(task.unwrap(), 7);
    }
    wait_until(SOON, async || db.status().lane_depth == 0).await;
}

#[tokio::test]
async fn burst_beside_reports_that_hold_every_session_loses_no_statement() {
    const BURST: usize = 10_000;
    let sql = "SELECT $1::int + 1";
    let db = Database::connect(options(|pool| (pool.size, pool.lanes) = (4, 2)).await)
        .await
        .unwrap();
    db.resize(4, 0);
    let mut reports = Vec::new();
    wait_until(SOON * 4, async || {
        reports.clear();
        join_all((0..16).map(|_| db.query_one(sql, &[&1]))).await;
        for _ in 0..4 {
            reports.push(db.checkout().await.unwrap());
        }
        // The statement is known to be short once lanes carry it.
        let on_lanes = join_all((0..16).map(|_| db.query_one(sql, &[&1])));
        timeout(Duration::from_secs(1), on_lanes).await.is_ok()
    })
    .await;
    let burst = (0..BURST).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let number = i32::try_from(number).unwrap();
            let row = db.query_one(sql, &[&number]).await?;
            row.get::<i32>(0).map(|sum| sum == number + 1)
        })
    });
    let mut right = 0;
    for answer in join_all(burst).await {
        right += usize::from(answer.unwrap().unwrap());
    }
    assert_eq!(right, BURST);
    let status = db.status();
    assert_eq!((status.waiting, status.lane_depth), (0, 0), "{status:?}");
    assert_eq!(status.checked_out, reports.len());
}

#[tokio::test]
async fn statement_that_waits_for_a_seat_takes_a_session_that_comes_free_sooner() {
    let table = unique("t");
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    admin
        .batch(&format!(
            "CREATE TABLE {table} (id int PRIMARY KEY); INSERT INTO {table} VALUES (1), (2)"
        ))
        .await
        .unwrap();
    let write = format!("UPDATE {table} SET id = id WHERE id = $1");
    let db = Database::connect(options(|pool| (pool.size, pool.lanes) = (1, 1)).await)
        .await
        .unwrap();
    wait_until(SOON, async || {
        join_all((0..8).map(|_| db.execute(&write, &[&2]))).await;
        db.status().lanes == 1
    })
    .await;
    db.resize(1, 0);
    let session = db.checkout().await.unwrap();
    let lock = admin.begin().await.unwrap();
    lock.execute(&write, &[&1]).await.unwrap();
    // All seats wait for the row's lock, and for each other.
    let all: Vec<_> = (0..64 + 8)
        .map(|_| {
            let (db, write) = (db.clone(), write.clone());
            tokio::spawn(async move { db.execute(&write, &[&1]).await })
        })
        .collect();
    wait_until(SOON, async || db.status().waiting > 0).await;
    let given_up: Vec<_> = (0..8)
        .map(|_| {
            let (db, write) = (db.clone(), write.clone());
            tokio::spawn(async move { db.execute(&write, &[&1]).await })
        })
        .collect();
    tokio::task::yield_now().await;
    given_up.iter().for_each(tokio::task::JoinHandle::abort);
    drop(session);
    lock.commit().await.unwrap();
    for task in all {
        assert_eq!(task.await.unwrap().unwrap(), 1);
    }
    wait_until(SOON, async || {
        let status = db.status();
        (status.waiting, status.lane_depth, status.checked_out) == (0, 0, 0)
    })
    .await;
    admin.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

/// Lets the pool learn that `sql` is short, then takes all its sessions.
async fn known(db: &Database, sql: &str) -> Vec<Session> {
    for _ in 0..4 {
        let _ = join_all((0..8).map(|_| db.query(sql, &[]))).await;
    }
    let mut held = Vec::new();
    for _ in 0..db.options().pool.size {
        held.push(db.checkout().await.expect("the server answers"));
    }
    held
}

#[tokio::test]
async fn statement_that_leaves_something_never_runs_on_a_lane() {
    let name = unique("f");
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    admin
        .batch(&format!(
            "CREATE FUNCTION {name}() RETURNS text LANGUAGE sql AS 'SELECT set_config(''a.b'', ''c'', false)';
             CREATE SEQUENCE {name}_s; CREATE VIEW {name}_v AS SELECT {name}()"
        ))
        .await
        .unwrap();
    let db = warm("SELECT 1").await;
    db.resize(db.options().pool.size, 0);
    for sql in [
        "SELECT set_config('statement_timeout', '0', false)",
        "WITH x AS (SELECT set_config('a.b', 'c', false)) SELECT * FROM x",
        "SELECT pg_try_advisory_lock(4711)",
        "SELECT pg_sleep(0)",
        "SELECT lo_unlink(lo_creat(-1))",
        "SELECT pg_logical_emit_message(false, 'a', 'b')",
        &format!("SELECT {name}()"),
        &format!("SELECT * FROM {name}_v"),
        &format!("SELECT nextval('{name}_s')"),
        "SELECT 1 AS a INTO TEMP gone_with_the_session",
        "EXPLAIN ANALYZE SELECT 1",
    ] {
        let held = known(&db, sql).await;
        let runs = tokio::spawn({
            let (db, sql) = (db.clone(), String::from(sql));
            async move { db.query(&sql, &[]).await.map(drop) }
        });
        // What is fit for a lane finds a seat and does not wait for a session.
        wait_until(SOON, async || db.status().waiting == 1).await;
        assert_eq!(db.status().lane_depth, 0, "{sql}");
        drop(held);
        let _ = runs.await.unwrap();
    }
    admin
        .batch(&format!(
            "DROP VIEW {name}_v; DROP FUNCTION {name}; DROP SEQUENCE {name}_s"
        ))
        .await
        .unwrap();
}

#[tokio::test]
async fn sequence_is_not_moved_twice_by_a_statement_that_becomes_slow() {
    let name = unique("s");
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    admin
        .batch(&format!(
            "CREATE SEQUENCE {name}; CREATE TABLE {name}_t AS SELECT 1 AS n"
        ))
        .await
        .unwrap();
    let sql = format!(
        "SELECT nextval('{name}'), (SELECT count(*) FROM generate_series(1, n)) FROM {name}_t"
    );
    let db = warm("SELECT 1").await;
    drop(known(&db, &sql).await);
    admin
        .batch(&format!("UPDATE {name}_t SET n = 2000000"))
        .await
        .unwrap();
    let last = format!("SELECT last_value FROM {name}");
    let before: i64 = admin.query_one(&last, &[]).await.unwrap().get(0).unwrap();
    crowd(&db, &sql, 8).await;
    let after: i64 = admin.query_one(&last, &[]).await.unwrap().get(0).unwrap();
    assert_eq!(after - before, 8);
    admin
        .batch(&format!("DROP SEQUENCE {name}; DROP TABLE {name}_t"))
        .await
        .unwrap();
}

/// While every session is in use it comes back to a lane again and again, each time after a longer rest.
#[tokio::test]
async fn all_waits_of_a_statement_that_lanes_have_no_time_for_share_one_deadline() {
    let table = unique("t");
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    admin
        .batch(&format!("CREATE TABLE {table} AS SELECT 1 AS n"))
        .await
        .unwrap();
    let timeout = Duration::from_secs(3);
    let db = Database::connect(
        options(|pool| (pool.size, pool.lanes, pool.timeout) = (2, 1, timeout)).await,
    )
    .await
    .unwrap();
    db.resize(2, 0);
    let sql = format!("SELECT (SELECT count(*) FROM generate_series(1, n)) FROM {table}");
    let held = known(&db, &sql).await;
    admin
        .batch(&format!("UPDATE {table} SET n = 100000000"))
        .await
        .unwrap();
    let began = Instant::now();
    let error = db.query(&sql, &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckoutTimeout, "{error}");
    // With a deadline for each wait it took 6.3 s.
    assert!(began.elapsed() < timeout * 2, "{:?}", began.elapsed());
    drop(held);
    admin.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

/// As an operator ends a statement: what the lane did not end itself is not run again.
#[tokio::test]
async fn statement_that_an_operator_cancels_on_a_lane_is_not_run_again() {
    let table = unique("t");
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    admin
        .batch(&format!(
            "CREATE TABLE {table} (id int PRIMARY KEY); INSERT INTO {table} VALUES (1)"
        ))
        .await
        .unwrap();
    let db = Database::connect(
        options(|pool| {
            (pool.size, pool.lanes) = (2, 1);
            pool.timeout = Duration::from_secs(1);
        })
        .await,
    )
    .await
    .unwrap();
    db.resize(2, 0);
    let waits = format!("SELECT id FROM {table} FOR UPDATE");
    let cancel = format!(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = '{waits}' AND wait_event_type = 'Lock'"
    );
    // On an overloaded machine the lane itself may be first to end it.
    wait_until(SOON * 4, async || {
        let held = known(&db, &waits).await;
        let lock = admin.begin().await.unwrap();
        lock.query(&waits, &[]).await.unwrap();
        let asked = tokio::spawn({
            let (db, waits) = (db.clone(), waits.clone());
            async move { db.query(&waits, &[]).await.map(drop) }
        });
        while !asked.is_finished() && admin.query(&cancel, &[]).await.unwrap().is_empty() {}
        let error = asked.await.unwrap().unwrap_err();
        drop(held);
        error.kind() == ErrorKind::Cancelled
    })
    .await;
    admin.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn refusal_that_is_not_the_lanes_own_is_told_at_once() {
    let table = unique("t");
    let admin = Database::connect(options(|_| {}).await).await.unwrap();
    admin
        .batch(&format!(
            "CREATE TABLE {table} (id int PRIMARY KEY); INSERT INTO {table} VALUES (1)"
        ))
        .await
        .unwrap();
    let waits = format!("SELECT id FROM {table} FOR UPDATE");
    for (sql, own) in [
        (format!("{waits} NOWAIT"), None),
        (waits.clone(), Some(Duration::from_millis(20))),
    ] {
        let db = Database::connect(
            options(|pool| {
                (pool.size, pool.lanes, pool.lock_timeout) = (2, 1, own);
                pool.timeout = Duration::from_secs(1);
            })
            .await,
        )
        .await
        .unwrap();
        db.resize(2, 0);
        // On an overloaded machine a lane may have no time for it: then it is a session that is missing.
        wait_until(SOON * 4, async || {
            let held = known(&db, &sql).await;
            let lock = admin.begin().await.unwrap();
            lock.query(&waits, &[]).await.unwrap();
            let refused = db.query(&sql, &[]).await.unwrap_err();
            drop(held);
            refused.kind() == ErrorKind::LockTimeout
        })
        .await;
    }
    admin.batch(&format!("DROP TABLE {table}")).await.unwrap();
}
