//! Table locks, the migration lock, and the indexes that failed builds leave behind.

use crate::support::{DEADLINE, Project, text};
use std::time::{Duration, Instant};
use underpin_core::ErrorKind;
use underpin_migrate::{State, Target};
use underpin_testkit::wait_until;

#[tokio::test]
async fn behind_a_long_reader_a_change_gives_up_in_time_lets_others_through_and_succeeds_later() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int)")]).await;
    project.up().await.expect("up");
    project.write("2_b.up", "ALTER TABLE t ADD COLUMN b int");
    let mut reader = project.session().await;
    let reading = reader.begin();
    reading
        .query("SELECT * FROM t", &[])
        .await
        .expect("a long reader");
    let migrator =
        project.migrator_with(|settings| settings.lock_timeout = Duration::from_millis(300));
    let change = migrator.up(Target::All);
    let traffic = async {
        wait_until(DEADLINE, async || project.told.count("Statement {") >= 2).await;
        let begin = Instant::now();
        project.sql("SELECT * FROM t").await;
        let waited = begin.elapsed();
        wait_until(DEADLINE, async || project.told.count("Retrying") >= 1).await;
        reading.rollback().await.expect("the reader ends");
        waited
    };
    let (changed, waited) = tokio::join!(change, traffic);
    changed.expect("the retry succeeds");
    assert!(
        waited < Duration::from_secs(2),
        "other traffic waited {waited:?}"
    );
    assert_eq!(project.states().await, [State::Applied, State::Applied]);
}

#[tokio::test]
async fn a_lock_that_is_never_granted_ends_in_a_bounded_number_of_attempts() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int)")]).await;
    project.up().await.expect("up");
    project.write(
        "2_b.up",
        "-- underpin: lock_timeout=50ms\nALTER TABLE t ADD COLUMN b int",
    );
    let mut reader = project.session().await;
    let reading = reader.begin();
    reading
        .query("SELECT * FROM t", &[])
        .await
        .expect("a long reader");
    let migrator = project.migrator_with(|settings| settings.lock_attempts = 2);
    let error = migrator.up(Target::All).await.expect_err("never granted");
    assert_eq!(error.kind(), ErrorKind::LockTimeout, "{}", text(&error));
    assert_eq!(project.told.count("Retrying"), 1);
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("pg_blocking_pids"))
    );
    reading.rollback().await.expect("the reader ends");
    project.up().await.expect("afterwards");
}

#[tokio::test]
async fn a_statement_timeout_of_the_file_holds() {
    let project = Project::new(&[(
        "1_a.up",
        "-- underpin: statement_timeout=100ms\nSELECT pg_sleep(60)",
    )])
    .await;
    let error = project.up().await.expect_err("too slow");
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{}", text(&error));
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("statement_timeout="))
    );
}

#[tokio::test]
async fn waiting_for_another_migrator_ends_at_the_deadline_and_names_it() {
    let project = Project::new(&[("1_a.up", "SELECT pg_sleep(60)")]).await;
    let holder = project.migrator();
    let waiter =
        project.migrator_with(|settings| settings.lock_deadline = Duration::from_millis(200));
    let waiting = async {
        wait_until(DEADLINE, async || project.told.count("Statement {") == 1).await;
        waiter.up(Target::All).await
    };
    let error = tokio::select! {
        _ = holder.up(Target::All) => panic!("it sleeps for a minute"),
        outcome = waiting => outcome.expect_err("the deadline"),
    };
    assert_eq!(error.kind(), ErrorKind::LockDeadline);
    assert!(text(&error).contains("server process "), "{}", text(&error));
    assert_eq!(project.told.count("Waiting"), 1);
}

/// CREATE INDEX CONCURRENTLY waits for every snapshot: golang-migrate, Flyway and others deadlock with their own waiters.
#[tokio::test]
async fn a_waiting_migrator_holds_no_snapshot() {
    let project = Project::new(&[("1_a.up", "SELECT pg_sleep(1)"), ("2_b.up", "SELECT 1")]).await;
    let (holder, waiter) = (project.migrator(), project.migrator());
    let look = async {
        wait_until(DEADLINE, async || project.told.count("Waiting") == 1).await;
        project
            .ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'active' \
                  AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL OR state LIKE 'idle in%')")
            .await
    };
    let (one, other, snapshots) =
        tokio::join!(holder.up(Target::All), waiter.up(Target::All), look);
    assert_eq!(
        one.expect("one").migrations.len() + other.expect("other").migrations.len(),
        2
    );
    assert_eq!(snapshots, "0");
}

#[tokio::test]
async fn an_invalid_index_left_by_a_failed_build_is_built_anew() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1), (1);\nCREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);",
    )])
    .await;
    let error = project.up().await.expect_err("duplicates");
    assert_eq!(error.kind(), ErrorKind::UniqueViolation, "{}", text(&error));
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass";
    assert_eq!(project.ask(valid).await, "false");
    project.sql("DELETE FROM t").await;
    project.up().await.expect("healed");
    assert_eq!(project.told.count("Healed"), 1);
    assert_eq!(project.ask(valid).await, "true");
}

/// With IF NOT EXISTS, PostgreSQL skips an INVALID index silently and the migration counts as applied.
#[tokio::test]
async fn an_invalid_index_of_unknown_origin_is_not_taken_for_a_good_one() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)",
    )])
    .await;
    project.up().await.expect("up");
    let build = "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)";
    project
        .db
        .database()
        .execute(build, &[])
        .await
        .expect_err("duplicates");
    project.sql("DELETE FROM t").await;
    project.write(
        "2_b.up",
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a)",
    );
    project.up().await.expect("healed");
    assert_eq!(
        project
            .ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass")
            .await,
        "true"
    );
}

#[tokio::test]
async fn a_concurrent_build_needs_a_name() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY ON t (a)",
    )])
    .await;
    let error = project.up().await.expect_err("no name");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(
        text(&error).contains("1_a.up.sql:2:1: the index has no name"),
        "{}",
        text(&error)
    );
    assert_eq!(
        project.ask("SELECT to_regclass('t') IS NULL").await,
        "true",
        "nothing was run"
    );
}
