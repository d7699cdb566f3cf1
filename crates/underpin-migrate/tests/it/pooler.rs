//! A lock that is lost, and the real PgBouncer, behind which it would be.

use crate::support::{Project, text};
use underpin_core::ErrorKind;
use underpin_migrate::{Error, Migrator, Report, Target};
use underpin_pool::Options;
use underpin_testkit::{PgBouncer, PgBouncerSettings, PoolMode, shared_cluster};

#[tokio::test]
async fn a_lock_lost_on_the_way_stops_the_run_before_the_next_group() {
    let project = Project::new(&[(
        "1_a.up",
        "SELECT pg_advisory_unlock_all();\nVACUUM;\nCREATE TABLE t (a int)",
    )])
    .await;
    let error = project.up().await.expect_err("the lock is gone");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(text(&error).contains("lock was lost"), "{}", text(&error));
    assert!(error.hint().is_some_and(|hint| hint.contains("pooler")));
    assert_eq!(project.ask("SELECT to_regclass('t') IS NULL").await, "true");
}

#[tokio::test]
async fn a_lock_found_lost_at_the_end_is_said() {
    let project = Project::new(&[("1_a.up", "SELECT pg_advisory_unlock_all()")]).await;
    let error = project.up().await.expect_err("unlock must find it");
    assert_eq!(error.kind(), ErrorKind::Refused);
}

#[tokio::test]
async fn behind_pgbouncer_in_transaction_mode_nothing_is_migrated() {
    for (pool_size, kept) in [(1, None), (2, None), (5, None), (2, Some(200))] {
        let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int)")]).await;
        let settings = PgBouncerSettings {
            pool_size,
            max_prepared_statements: kept,
            ..PgBouncerSettings::default()
        };
        let Some(bouncer) = in_front_of(&project, settings).await else {
            continue;
        };
        let error = up_through(&project, &bouncer)
            .await
            .expect_err("no lock holds there");
        assert_eq!(error.kind(), ErrorKind::Refused, "{}", text(&error));
        assert!(
            error
                .hint()
                .is_some_and(|hint| hint.contains("direct connection"))
        );
        assert_eq!(project.ask("SELECT to_regclass('t') IS NULL").await, "true");
        let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        assert_eq!(
            project.ask(locks).await,
            "0",
            "a lock was left on a server process"
        );
        drop(bouncer);
    }
}

#[tokio::test]
async fn behind_pgbouncer_in_session_mode_migrations_run() {
    let project = Project::new(&[("1_a.up", "CREATE TABLE t (a int)")]).await;
    let settings = PgBouncerSettings {
        mode: PoolMode::Session,
        pool_size: 5,
        ..PgBouncerSettings::default()
    };
    let Some(bouncer) = in_front_of(&project, settings).await else {
        return;
    };
    up_through(&project, &bouncer)
        .await
        .expect("a session is a session");
    assert_eq!(
        project.ask("SELECT to_regclass('t') IS NULL").await,
        "false"
    );
}

async fn in_front_of(project: &Project, settings: PgBouncerSettings) -> Option<PgBouncer> {
    let database = &project.db.url().database;
    let upstream = shared_cluster().await.tcp_url(database);
    PgBouncer::in_front_of(&upstream, settings).await
}

async fn up_through(project: &Project, bouncer: &PgBouncer) -> Result<Report, Error> {
    let url = bouncer.url(&project.db.url().database);
    let chain = project.chain().expect("a valid folder");
    Migrator::new(Options::new(url), chain)
        .up(Target::All)
        .await
}
