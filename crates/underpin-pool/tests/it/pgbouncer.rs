//! Behind the real PgBouncer: prepared statements that it loses, that it keeps, and what it does not pass on.

use crate::cancel::{assert_clean, at_every_poll_on};
use crate::support::{LogLines, SOON, unique};
use futures_util::future::join_all;
use std::time::Duration;
use tokio::time::timeout;
use underpin_core::Chain;
use underpin_core::config::PoolSettings;
use underpin_pool::{Database, Error, ErrorKind, Options, Session, Type};
use underpin_testkit::{PgBouncer, PgBouncerSettings, PoolMode, shared_cluster, wait_until};

/// In transaction mode; `kept` is `max_prepared_statements`.
async fn bouncer(kept: Option<u32>) -> Option<PgBouncer> {
    bouncer_with(|settings| settings.max_prepared_statements = kept).await
}

async fn bouncer_with(change: impl FnOnce(&mut PgBouncerSettings)) -> Option<PgBouncer> {
    let mut settings = PgBouncerSettings::default();
    change(&mut settings);
    let upstream = shared_cluster().await.tcp_url("postgres");
    PgBouncer::in_front_of(&upstream, settings).await
}

async fn pool(bouncer: &PgBouncer, change: impl FnOnce(&mut PoolSettings)) -> Database {
    let mut options = Options::new(bouncer.url("postgres"));
    change(&mut options.pool);
    Database::connect(options)
        .await
        .expect("PgBouncer lets us in")
}

async fn pool_of(bouncer: &PgBouncer, size: usize) -> Database {
    pool(bouncer, |pool| {
        (pool.size, pool.max_overflow) = (size, 0);
        // Many tasks queue for few sessions here; on a busy machine the default 5 s are not enough for all of them.
        pool.timeout = Duration::from_secs(30);
    })
    .await
}

/// Many statements of many tasks on few server processes, each answered with its own values.
async fn mix(db: &Database, table: &str) -> Result<(), Error> {
    let tasks = (0..16).map(|task| {
        let (db, table) = (db.clone(), String::from(table));
        tokio::spawn(async move {
            for number in 0..25_i32 {
                let id = task * 1000 + number;
                let insert = format!("INSERT INTO {table} VALUES ($1, $2)");
                let written = db.execute(&insert, &[&id, &format!("n{id}")]).await?;
                assert_eq!(written, 1);
                let select = format!("SELECT name FROM {table} WHERE id = $1");
                let row = db.query_one(&select, &[&id]).await?;
                assert_eq!(row.get::<&str>(0)?, format!("n{id}"));
                let row = db.query_one(&format!("SELECT {id}"), &[]).await?;
                assert_eq!(row.get::<i32>(0)?, id);
            }
            Ok::<(), Error>(())
        })
    });
    for task in join_all(tasks).await {
        task.expect("no panic")?;
    }
    let count = format!("SELECT count(*) FROM {table}");
    let row = db.query_one(&count, &[]).await?;
    assert_eq!(row.get::<i64>(0)?, 400);
    Ok(())
}

async fn table(db: &Database) -> Result<String, Error> {
    let table = unique("t");
    db.batch(&format!(
        "CREATE TABLE {table} (id int PRIMARY KEY, name text)"
    ))
    .await?;
    Ok(table)
}

#[tokio::test]
async fn every_autocommit_statement_works_where_names_are_lost() {
    let Some(bouncer) = bouncer(None).await else {
        return;
    };
    let db = pool_of(&bouncer, 8).await;
    let table = table(&db).await.unwrap();
    mix(&db, &table).await.unwrap();
    let names = "SELECT count(*) FROM pg_prepared_statements";
    for _ in 0..8 {
        let row = db.query_one(names, &[]).await.unwrap();
        assert_eq!(row.get::<i64>(0).unwrap(), 0, "a name was left behind");
    }
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn statement_cache_of_zero_asks_nothing_and_works() {
    let Some(bouncer) = bouncer(None).await else {
        return;
    };
    let db = pool(&bouncer, |pool| pool.statement_cache = 0).await;
    let table = table(&db).await.unwrap();
    mix(&db, &table).await.unwrap();
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn statement_cache_of_zero_works_without_a_pooler_too() {
    let mut options = Options::new(shared_cluster().await.url("postgres"));
    options.pool.statement_cache = 0;
    let db = Database::connect(options).await.unwrap();
    let table = table(&db).await.unwrap();
    mix(&db, &table).await.unwrap();
    assert_eq!(db.status().lanes, 0);
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn names_that_another_program_left_are_never_run() {
    let Some(bouncer) = bouncer_with(|settings| settings.pool_size = 1).await else {
        return;
    };
    let other = Session::connect(&Options::new(bouncer.url("postgres")))
        .await
        .unwrap();
    let left: String = (0..500)
        .map(|number| format!("PREPARE s{number} AS SELECT 'of another program';"))
        .collect();
    other.batch(&left).await.unwrap();
    let db = pool_of(&bouncer, 2).await;
    for number in 0..20_i32 {
        let row = db
            .query_one(&format!("SELECT $1::int + {number}"), &[&1])
            .await
            .unwrap();
        assert_eq!(row.get::<i32>(0).unwrap(), number + 1);
        other
            .batch(&left.replace("PREPARE", "DEALLOCATE ALL; PREPARE"))
            .await
            .unwrap_or_default();
        let tx = db.begin().await.unwrap();
        tx.query_one("SELECT $1::text", &[&"mine"]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn types_of_the_users_own_are_understood_on_every_server_process() {
    let Some(bouncer) = bouncer_with(|settings| settings.pool_size = 4).await else {
        return;
    };
    let db = pool_of(&bouncer, 8).await;
    let schema = unique("s");
    db.batch(&format!(
        "CREATE SCHEMA {schema}; CREATE TYPE {schema}.mood AS ENUM ('sad', 'glad');
         CREATE DOMAIN {schema}.name AS text; CREATE TYPE {schema}.pair AS (a int, b {schema}.mood);
         CREATE TABLE {schema}.t (mood {schema}.mood, name {schema}.name, moods {schema}.mood[])"
    ))
    .await
    .unwrap();
    let statements = [
        format!("SELECT mood FROM {schema}.t WHERE mood = $1::text::{schema}.mood"),
        format!("SELECT name, moods FROM {schema}.t WHERE $1::text <> ''"),
        format!("SELECT (1, 'sad')::{schema}.pair WHERE $1::text <> ''"),
    ];
    let all = (0..60).map(|number| {
        let (db, sql) = (db.clone(), statements[number % 3].clone());
        async move { db.query(&sql, &[&"sad"]).await.map(drop) }
    });
    for outcome in join_all(all).await {
        outcome.unwrap();
    }
    let session = db.checkout().await.unwrap();
    for sql in &statements {
        session
            .query_once(sql, &[(&"sad", Type::TEXT)])
            .await
            .unwrap();
    }
    drop(session);
    db.batch(&format!("DROP SCHEMA {schema} CASCADE"))
        .await
        .unwrap();
}

/// Transactions, savepoints, streams and COPY, from begin to end.
async fn everything(db: &Database) -> Result<(), Error> {
    let table = table(db).await?;
    let insert = format!("INSERT INTO {table} VALUES ($1, $2)");
    let tx = db.begin().await?;
    tx.execute(&insert, &[&1, &"kept"]).await?;
    let savepoint = tx.savepoint().await?;
    savepoint
        .execute(&insert, &[&1, &"twice"])
        .await
        .expect_err("the statement is wrong");
    savepoint.rollback().await?;
    let mut numbers = tx.stream("SELECT generate_series(1, 100000)", &[]).await?;
    for number in 1..=50_i32 {
        let row = numbers.next().await.expect("there are more")?;
        assert_eq!(row.get::<i32>(0)?, number);
        tx.query_one("SELECT $1::int", &[&number]).await?;
    }
    drop(numbers);
    tx.execute(&insert, &[&2, &"kept"]).await?;
    tx.commit().await?;
    let tx = db.begin().await?;
    tx.execute(&insert, &[&3, &"undone"]).await?;
    drop(tx);

    let session = db.checkout().await?;
    let mut copy = session.copy_in(&table, &["id", "name"]).await?;
    for id in 10..1000 {
        copy.write(&[&id, &"copied"]).await?;
    }
    assert_eq!(copy.finish().await?, 990);
    let mut copy = session.copy_in(&table, &["id", "name"]).await?;
    copy.write(&[&5000, &"aborted"]).await?;
    drop(copy);
    let mut rows = session
        .stream(
            &format!("SELECT id FROM {table} WHERE id >= $1 ORDER BY id"),
            &[&10],
        )
        .await?;
    let mut expected = 10;
    while let Some(row) = rows.next().await {
        assert_eq!(row?.get::<i32>(0)?, expected);
        expected += 1;
    }
    assert_eq!(expected, 1000);
    drop(rows);
    let mut pieces = session.copy_out(&format!("COPY {table} TO STDOUT")).await?;
    let mut lines = 0;
    while let Some(piece) = pieces.next().await {
        piece?;
        lines += 1;
    }
    assert_eq!(lines, 992);
    drop(pieces);
    session.query_one("SELECT $1::int", &[&1]).await?;
    session
        .execute("SELECT 1/$1::int", &[&0])
        .await
        .expect_err("the statement is wrong");
    session.batch("BEGIN").await?;
    session
        .execute(&insert, &[&7000, &"undone by hand"])
        .await?;
    session.batch("ROLLBACK").await?;
    drop(session);
    let row = db
        .query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .await?;
    assert_eq!(row.get::<i64>(0)?, 992);
    db.batch(&format!("DROP TABLE {table}")).await?;
    Ok(())
}

#[tokio::test]
async fn transactions_streams_and_copies_work_where_names_are_lost() {
    let Some(bouncer) = bouncer(None).await else {
        return;
    };
    everything(&pool_of(&bouncer, 4).await).await.unwrap();
}

#[tokio::test]
async fn transactions_streams_and_copies_work_where_names_are_kept() {
    let Some(bouncer) = bouncer(Some(200)).await else {
        return;
    };
    everything(&pool_of(&bouncer, 4).await).await.unwrap();
}

#[tokio::test]
async fn session_mode_works_like_a_server() {
    let settings = |settings: &mut PgBouncerSettings| {
        (settings.mode, settings.pool_size) = (PoolMode::Session, 10);
    };
    let Some(bouncer) = bouncer_with(settings).await else {
        return;
    };
    everything(&pool_of(&bouncer, 4).await).await.unwrap();
}

#[tokio::test]
async fn any_future_can_be_dropped_at_any_poll() {
    for kept in [None, Some(200)] {
        let Some(bouncer) = bouncer(kept).await else {
            continue;
        };
        let db = pool_of(&bouncer, 1).await;
        let table = table(&db).await.unwrap();
        at_every_poll_on(&db, async |db| {
            let sql = format!("SELECT $1::int /* {} */", unique("q"));
            db.query(&sql, &[&1]).await.map(drop)
        })
        .await;
        at_every_poll_on(&db, async |db| {
            let tx = db.begin().await?;
            let sql = format!("SELECT pg_advisory_xact_lock($1) /* {} */", unique("q"));
            tx.query(&sql, &[&81_i64]).await?;
            let savepoint = tx.savepoint().await?;
            savepoint.query("SELECT $1::int", &[&1]).await?;
            savepoint.release().await?;
            tx.commit().await
        })
        .await;
        at_every_poll_on(&db, async |db| {
            let session = db.checkout().await?;
            let delete = format!("DELETE FROM {table}");
            session.execute(&delete, &[]).await?;
            let mut copy = session.copy_in(&table, &["id", "name"]).await?;
            copy.write(&[&1, &"name"]).await?;
            copy.finish().await.map(drop)
        })
        .await;
        db.batch(&format!("DROP TABLE {table}")).await.unwrap();
    }
}

#[tokio::test]
async fn statement_after_one_that_timed_out_is_not_inside_its_transaction() {
    let Some(bouncer) = bouncer(None).await else {
        return;
    };
    let db = pool_of(&bouncer, 1).await;
    let table = table(&db).await.unwrap();
    let session = db.checkout().await.unwrap();
    for id in 0..50_i32 {
        let sql = format!("SELECT $1::int /* {} */", unique("q"));
        let patience = Duration::from_micros(20 * u64::try_from(id).unwrap());
        let _ = timeout(patience, session.query(&sql, &[&1])).await;
        let insert = format!("INSERT INTO {table} VALUES ($1, 'x')");
        session.execute(&insert, &[&id]).await.unwrap();
    }
    drop(session);
    assert_clean(&db).await;
    let row = db
        .query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .await
        .unwrap();
    assert_eq!(
        row.get::<i64>(0).unwrap(),
        50,
        "an acknowledged write is missing"
    );
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn statements_of_one_session_may_be_polled_together() {
    let Some(bouncer) = bouncer(None).await else {
        return;
    };
    let db = pool_of(&bouncer, 2).await;
    let table = table(&db).await.unwrap();
    let session = db.checkout().await.unwrap();
    let writes = (0..40_i32).map(|id| {
        let (session, table) = (&session, &table);
        async move {
            let wrong = format!("SELECT nothing{id} FROM {table}");
            let insert = format!("INSERT INTO {table} VALUES ($1, '{id}')");
            session.query(&wrong, &[]).await.unwrap_err();
            session.execute(&insert, &[&id]).await.unwrap();
        }
    });
    join_all(writes).await;
    drop(session);
    let row = db
        .query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .await
        .unwrap();
    assert_eq!(
        row.get::<i64>(0).unwrap(),
        40,
        "an acknowledged write is missing"
    );
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn dropped_query_is_cancelled_through_it() {
    let Some(bouncer) = bouncer(None).await else {
        return;
    };
    let db = pool_of(&bouncer, 1).await;
    for round in 0..20 {
        let patience = Duration::from_millis(5 * (round % 4));
        assert!(
            timeout(patience, db.query("SELECT pg_sleep($1)", &[&60.0]))
                .await
                .is_err()
        );
        timeout(SOON, db.query("SELECT 1", &[]))
            .await
            .unwrap()
            .unwrap();
    }
    assert_clean(&db).await;
}

#[tokio::test]
async fn hundreds_of_statements_work_where_two_hundred_names_are_kept() {
    let Some(bouncer) = bouncer(Some(200)).await else {
        return;
    };
    let db = pool_of(&bouncer, 4).await;
    let table = table(&db).await.unwrap();
    mix(&db, &table).await.unwrap();
    for round in 0..2 {
        for number in 0..400_i32 {
            let row = db
                .query_one(&format!("SELECT $1::int + {number}"), &[&round])
                .await
                .unwrap();
            assert_eq!(row.get::<i32>(0).unwrap(), round + number);
        }
    }
    let row = db
        .query_one(
            "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'PGBOUNCER%'",
            &[],
        )
        .await
        .unwrap();
    let kept = row.get::<i64>(0).unwrap();
    assert!((1..=200).contains(&kept), "{kept}");
    db.batch(&format!("DROP TABLE {table}")).await.unwrap();
}

#[tokio::test]
async fn changed_table_is_no_error_outside_transactions() {
    for kept in [None, Some(200)] {
        let Some(bouncer) = bouncer(kept).await else {
            continue;
        };
        let db = pool_of(&bouncer, 2).await;
        let table = table(&db).await.unwrap();
        let select = format!("SELECT * FROM {table} WHERE name = $1 OR true");
        let insert = format!("INSERT INTO {table} VALUES ($1, 'x')");
        db.execute(&insert, &[&1]).await.unwrap();
        for column in ["a", "b", "c"] {
            for _ in 0..8 {
                db.query(&select, &[&"x"]).await.unwrap();
            }
            db.batch(&format!("ALTER TABLE {table} ADD {column} int"))
                .await
                .unwrap();
        }
        for _ in 0..8 {
            assert_eq!(db.query_one(&select, &[&"x"]).await.unwrap().len(), 5);
        }
        db.batch(&format!("ALTER TABLE {table} ALTER id TYPE text"))
            .await
            .unwrap();
        for _ in 0..4 {
            let row = db.query_one(&select, &[&"x"]).await.unwrap();
            assert_eq!(row.get::<&str>(0).unwrap(), "1");
        }
        db.batch(&format!("DROP TABLE {table}")).await.unwrap();
    }
}

#[tokio::test]
async fn restarted_server_connections_are_no_error() {
    for kept in [None, Some(200)] {
        let Some(bouncer) = bouncer(kept).await else {
            continue;
        };
        let db = pool_of(&bouncer, 2).await;
        for number in 0..20_i32 {
            let row = db.query_one("SELECT $1::int", &[&number]).await.unwrap();
            assert_eq!(row.get::<i32>(0).unwrap(), number);
            bouncer.command("RECONNECT").await;
        }
    }
}

#[tokio::test]
async fn refused_session_settings_are_left_out_and_said_once() {
    let Some(bouncer) = bouncer(None).await else {
        return;
    };
    let log = LogLines::capture();
    let db = pool(&bouncer, |pool| {
        (pool.size, pool.max_overflow, pool.lanes) = (3, 0, 0);
        pool.statement_timeout = Some(Duration::from_secs(7));
    })
    .await;
    let held = join_all((0..3).map(|_| db.checkout())).await;
    assert!(held.iter().all(Result::is_ok));
    drop(held);
    let row = db.query_one("SHOW statement_timeout", &[]).await.unwrap();
    assert_ne!(row.get::<&str>(0).unwrap(), "7s");
    assert_eq!(
        log.count("session settings are not applied"),
        1,
        "{}",
        log.text()
    );
    assert_eq!(
        log.count("could not open a connection"),
        0,
        "{}",
        log.text()
    );
}

#[tokio::test]
async fn options_of_the_users_own_that_are_refused_are_an_error_with_a_next_step() {
    let Some(bouncer) = bouncer(None).await else {
        return;
    };
    let mut options = Options::new(bouncer.url("postgres"));
    options.url.options = Some(String::from("-c work_mem=8MB"));
    let error = Database::connect(options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("ignore_startup_parameters"))
    );
}

#[tokio::test]
async fn lanes_switch_themselves_off_and_say_so_once() {
    for further in [None, Some("ignore_startup_parameters = options")] {
        let change = |settings: &mut PgBouncerSettings| {
            settings.further = further.map(String::from).into_iter().collect();
        };
        let Some(bouncer) = bouncer_with(change).await else {
            return;
        };
        let log = LogLines::capture();
        let db = pool(&bouncer, |pool| {
            (pool.size, pool.max_overflow, pool.lanes) = (2, 0, 2)
        })
        .await;
        wait_until(SOON, async || {
            join_all((0..32).map(|_| db.query("SELECT 1", &[]))).await;
            log.count("lanes are off") > 0
        })
        .await;
        for _ in 0..10 {
            join_all((0..32).map(|_| db.query("SELECT 1", &[]))).await;
        }
        assert_eq!(log.count("lanes are off"), 1, "{}", log.text());
        assert_eq!(db.status().lanes, 0);
    }
}

#[tokio::test]
async fn statement_mode_is_told_in_pgbouncers_own_words() {
    let Some(bouncer) = bouncer_with(|settings| settings.mode = PoolMode::Statement).await else {
        return;
    };
    let words = "statement pooling mode";
    let refused = Database::connect(Options::new(bouncer.url("postgres"))).await;
    let error = refused.unwrap_err();
    let text = Chain(&error).to_string();
    assert_eq!(error.kind(), ErrorKind::Config, "{text}");
    assert_eq!(text.matches(words).count(), 1, "{text}");
    assert!(error.hint().unwrap().contains("pool_mode"), "{text}");

    // Without names to keep, single statements run; a transaction is refused in its words.
    let db = pool(&bouncer, |pool| pool.statement_cache = 0).await;
    let row = db.query_one("SELECT 1", &[]).await.unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), 1);
    let outcome = async {
        let tx = db.begin().await?;
        tx.execute("SELECT 1", &[]).await?;
        tx.commit().await
    };
    let text = Chain(&outcome.await.unwrap_err()).to_string();
    assert_eq!(text.matches(words).count(), 1, "{text}");
}

#[tokio::test]
async fn connection_that_pgbouncer_ends_says_why() {
    let Some(bouncer) = bouncer_with(|settings| {
        settings.pool_size = 1;
        settings
            .further
            .push(String::from("query_wait_timeout = 1"));
    })
    .await
    else {
        return;
    };
    let options = Options::new(bouncer.url("postgres"));
    let (mut holder, waits) = (
        Session::connect(&options).await.unwrap(),
        Session::connect(&options).await.unwrap(),
    );
    let tx = holder.begin();
    tx.execute("SELECT 1", &[]).await.unwrap();
    let error = waits.batch("SELECT 1").await.unwrap_err();
    let text = Chain(&error).to_string();
    assert_eq!(error.kind(), ErrorKind::Disconnected, "{text}");
    assert_eq!(text.matches("query_wait_timeout").count(), 1, "{text}");
}
