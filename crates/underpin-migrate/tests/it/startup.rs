//! How services start together: one migrates, the others wait, and each makes sure.

use crate::processes::{COUNT, applied, start_service};
use crate::support::{DEADLINE, Project, text, version};
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_migrate::{State, Target};
use underpin_testkit::wait_until;

/// Sleeps for ten minutes, unless somebody was killed meanwhile.
const SLOW: &str = "SELECT pg_sleep(600) WHERE NOT EXISTS (SELECT FROM killed);";

async fn is_sleeping(project: &Project) -> bool {
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'";
    project.ask(sleeping).await == "1"
}

#[tokio::test]
async fn five_services_started_together_migrate_exactly_once_and_all_begin() {
    let project = Project::new(&[
        (
            "1_a.up",
            "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 20000)",
        ),
        ("2_b.up", "CREATE INDEX CONCURRENTLY t_a ON t (a)"),
        (
            "3_c.up",
            "-- underpin: deferred\nCREATE INDEX CONCURRENTLY t_b ON t ((a + 1))",
        ),
        ("4_d.up", "ALTER TABLE t ADD COLUMN b int"),
    ])
    .await;
    let children: Vec<_> = (0..COUNT).map(|_| start_service(&project)).collect();
    let mut counts = Vec::new();
    for child in children {
        counts.push(applied(child).await);
    }
    assert_eq!(counts.iter().sum::<usize>(), 3, "{counts:?}");
    assert_eq!(
        project.states().await,
        [
            State::Applied,
            State::Applied,
            State::Pending,
            State::Applied
        ]
    );
}

#[tokio::test]
async fn a_service_that_waits_takes_over_when_the_one_that_migrates_is_killed() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int)"), ("2_b.up", SLOW)]).await;
    project.sql("CREATE TABLE killed ()").await;
    let mut leader = start_service(&project);
    wait_until(DEADLINE, async || is_sleeping(&project).await).await;
    let migrator = project.migrator();
    let follower = migrator.ensure(None);
    let killer = async {
        wait_until(DEADLINE, async || project.told.count("Following") == 1).await;
        project.sql("INSERT INTO killed DEFAULT VALUES").await;
        leader.kill().await.expect("kill -9");
    };
    let (ensured, ()) = tokio::join!(follower, killer);
    let ensured = ensured.expect("it takes over");
    assert_eq!(ensured.migrations.len(), 1);
    assert_eq!(ensured.readiness.found, Some(version("2")));
    assert_eq!(project.states().await, [State::Applied, State::Applied]);
}

#[tokio::test]
async fn a_service_begins_as_soon_as_what_it_requires_is_there() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int)"), ("2_b.up", SLOW)]).await;
    project.sql("CREATE TABLE killed ()").await;
    let leader = start_service(&project);
    wait_until(DEADLINE, async || is_sleeping(&project).await).await;
    let ensured = project.migrator().ensure(Some(version("1"))).await;
    let ensured = ensured.expect("the other one is at work on what is not required");
    assert_eq!(ensured.readiness.pending, [version("2")]);
    assert!(is_sleeping(&project).await);
    drop(leader);
    project.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%' AND datname = current_database() AND pid <> pg_backend_pid()").await;
}

#[tokio::test]
async fn a_wait_that_takes_too_long_says_what_is_required_and_what_is_there() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int)"), ("2_b.up", SLOW)]).await;
    project.sql("CREATE TABLE killed ()").await;
    let leader = start_service(&project);
    wait_until(DEADLINE, async || is_sleeping(&project).await).await;
    let migrator = project.migrator_with(|it| it.lock_deadline = Duration::from_millis(100));
    let error = migrator.ensure(None).await.expect_err("it sleeps for long");
    assert_eq!(error.kind(), ErrorKind::LockDeadline);
    let said = text(&error);
    let versions = "requires schema version 20240101000002, the database is at 20240101000001: migration 20240101000002 is missing";
    assert!(
        said.contains(versions) && said.contains("server process"),
        "{said}"
    );
    drop(leader);
    project.sql("INSERT INTO killed DEFAULT VALUES").await;
}

#[tokio::test]
async fn a_database_newer_than_the_program_is_fine_wherever_the_unknown_versions_stand() {
    let project = Project::new(&[
        ("1_a.up", "CREATE TABLE a ()"),
        ("2_merged.up", "CREATE TABLE b ()"),
        ("3_c.up", "CREATE TABLE c ()"),
        ("4_newer.up", "CREATE TABLE d ()"),
    ])
    .await;
    project.up().await.expect("the newer program");
    project.remove("2_merged.up");
    project.remove("4_newer.up");
    let migrator = project.migrator();
    let ensured = migrator.ensure(None).await.expect("the older program");
    assert_eq!(ensured.readiness.unknown, [version("2"), version("4")]);
    assert_eq!(ensured.readiness.required, Some(version("3")));
    assert!(migrator.verify(Some(version("4"))).await.is_ok());

    // As soon as it would have to migrate itself, its history contradicts the database's.
    project.write("5_own.up", "CREATE TABLE e ()");
    let error = project.migrator().ensure(None).await.expect_err("diverged");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict, "{}", text(&error));
}

#[tokio::test]
async fn a_file_that_changed_after_it_was_applied_lets_no_service_begin() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE a ()")]).await;
    project.up().await.expect("up");
    project.write("1_a.up", "CREATE TABLE a (b int)");
    for outcome in [
        project.migrator().ensure(None).await.map(|it| it.readiness),
        project.migrator().verify(None).await,
    ] {
        assert_eq!(
            outcome.expect_err("changed").kind(),
            ErrorKind::HistoryConflict
        );
    }
}

#[tokio::test]
async fn verifying_changes_nothing_and_says_what_is_missing() {
    let project = Project::new(&[("1_a.up", "SELECT 1"), ("2_b.up", "SELECT 1")]).await;
    let error = project.migrator().verify(None).await.expect_err("empty");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let said = text(&error);
    let expected = "the program requires schema version 20240101000002, the database has none: 2 migrations are missing, from 20240101000001 to 20240101000002";
    assert_eq!(said, expected);
    assert!(error.hint().is_some_and(|it| it.contains("migrate up")));
    let ledger = "SELECT to_regclass('underpin.migrations')";
    assert_eq!(project.ask(ledger).await, "null");
    let unknown = project.migrator().ensure(Some(version("9"))).await;
    let unknown = unknown.expect_err("of a newer program");
    assert_eq!(unknown.kind(), ErrorKind::Unsupported, "{}", text(&unknown));
}

#[tokio::test]
async fn deferred_migrations_wait_and_neither_come_late_nor_make_others_late() {
    let project = Project::new(&[
        ("1_a.up", "CREATE TABLE t (a int)"),
        (
            "2_slow.up",
            "-- underpin: deferred\nCREATE INDEX CONCURRENTLY t_a ON t (a)",
        ),
        ("3_c.up", "ALTER TABLE t ADD COLUMN b int"),
    ])
    .await;
    let migrator = project.migrator();
    let ensured = migrator.ensure(None).await.expect("ensure");
    assert_eq!(ensured.readiness.deferred, [version("2")]);
    assert_eq!(ensured.migrations.len(), 2);
    assert!(
        migrator
            .ensure(None)
            .await
            .expect("again")
            .migrations
            .is_empty()
    );
    assert_eq!(
        migrator
            .ensure(Some(version("2")))
            .await
            .expect_err("deferred")
            .kind(),
        ErrorKind::InvalidInput
    );

    let report = migrator.run_deferred().await.expect("deferred");
    assert_eq!(report.migrations.len(), 1);
    assert!(
        migrator
            .run_deferred()
            .await
            .expect("again")
            .migrations
            .is_empty()
    );
    assert!(
        migrator
            .up(Target::All)
            .await
            .expect("nothing left")
            .migrations
            .is_empty()
    );
    assert_eq!(project.states().await, [State::Applied; 3]);

    project.write(
        "5_late.up",
        "-- underpin: deferred\nCREATE INDEX t_b ON t (b)",
    );
    project.up().await.expect("everything");
    project.write("4_d.up", "ALTER TABLE t ADD COLUMN c int");
    let ensured = project.migrator().ensure(None).await;
    let ensured = ensured.expect("nothing but a deferred one is newer");
    assert_eq!(ensured.migrations.len(), 1);
}

#[tokio::test]
async fn up_applies_deferred_migrations_in_their_place() {
    let project = Project::new(&[
        ("1_a.up", "-- underpin: deferred\nCREATE TABLE t (a int)"),
        ("2_b.up", "INSERT INTO t VALUES (1)"),
    ])
    .await;
    assert_eq!(project.up().await.expect("up").migrations.len(), 2);
}
