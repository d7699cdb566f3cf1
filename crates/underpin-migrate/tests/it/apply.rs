//! Applying: what runs, what is kept, what is recorded.

use crate::support::{DEADLINE, Project, text, version};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
use underpin_core::ErrorKind;
use underpin_migrate::{State, Target};
use underpin_testkit::wait_until;

const TABLE: &str = "CREATE TABLE t (id int PRIMARY KEY, a int);";

#[tokio::test]
async fn migrations_are_applied_in_order_and_once() {
    let project = Project::new(&[
        ("2_second.up", "ALTER TABLE t ADD COLUMN b int;"),
        ("1_first.up", TABLE),
    ])
    .await;
    let report = project.up().await.expect("up");
    let slugs: Vec<_> = report
        .migrations
        .iter()
        .map(|it| it.slug.as_str())
        .collect();
    assert_eq!(slugs, ["first", "second"]);
    assert!(project.up().await.expect("again").migrations.is_empty());
    assert_eq!(project.states().await, [State::Applied, State::Applied]);
}

#[tokio::test]
async fn a_migration_may_deallocate_what_is_prepared_on_its_session() {
    let project = Project::new(&[
        (
            "1_first.up",
            "CREATE TABLE t (a int); DEALLOCATE ALL; INSERT INTO t VALUES (1);",
        ),
        (
            "2_alone.up",
            "CREATE INDEX CONCURRENTLY t_a ON t (a); DEALLOCATE ALL;",
        ),
        (
            "3_hidden.up",
            "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$; INSERT INTO t VALUES (2);",
        ),
        (
            "4_last.up",
            "PREPARE mine AS SELECT 1; DEALLOCATE mine; DEALLOCATE ALL;",
        ),
        (
            "4_last.down",
            "DEALLOCATE ALL; CREATE TABLE u (a int); DEALLOCATE ALL;",
        ),
    ])
    .await;
    project.up().await.expect("up");
    assert_eq!(project.states().await, [State::Applied; 4]);
    assert_eq!(project.ask("SELECT count(*) FROM t").await, "2");
    let one = Target::Steps(NonZeroUsize::MIN);
    let back = project.migrator().down(one).await;
    assert_eq!(back.expect("down").migrations.len(), 1);
}

#[tokio::test]
async fn the_ledger_says_who_ran_what_when_and_with_which_checksums() {
    let project = Project::new(&[(
        "1_first.up",
        "-- underpin: allow=rule30 reason=\"new table\"\nCREATE TABLE t (a int); INSERT INTO t VALUES (1), (2);",
    )])
    .await;
    project.up().await.expect("up");
    let history = project.migrator().history().await.expect("history");
    let entry = &history[0];
    assert_eq!((entry.state, entry.origin.as_str()), ("applied", "run"));
    assert!(entry.finished_at.is_some_and(|end| end >= entry.started_at));
    assert!(entry.program_version.starts_with("underpin ") && !entry.run_by.is_empty());
    let allows = entry.allows.iter();
    let allows: Vec<_> = allows.map(|it| (&*it.rule, &*it.reason)).collect();
    assert_eq!(allows, [("rule30", "new table")]);
    let rows: Vec<_> = entry
        .statements
        .iter()
        .map(|it| (it.ordinal, it.state, it.rows))
        .collect();
    assert_eq!(rows, [(1, "done", Some(0)), (2, "done", Some(2))]);
}

#[tokio::test]
async fn a_failing_statement_takes_its_transaction_with_it_and_is_named() {
    let project = Project::new(&[(
        "1_first.up",
        "CREATE TABLE t (a int);\n\nINSERT INTO t\nSELECT nope FROM t;\nSELECT 3;",
    )])
    .await;
    let error = project.up().await.expect_err("wrong column");
    let file = project.path("1_first.up").display().to_string();
    assert!(
        text(&error).contains(&format!("{file}:4:8: statement 2 of 3 failed")),
        "{}",
        text(&error)
    );
    assert!(
        text(&error).contains("column \"nope\" does not exist"),
        "{}",
        text(&error)
    );
    assert_eq!(error.kind(), ErrorKind::Sql);
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("underpin migrate up"))
    );
    assert_eq!(project.ask("SELECT to_regclass('t') IS NULL").await, "true");
    let status = project.migrator().status().await.expect("status");
    let failed = status.migrations[0].failed.as_ref().expect("recorded");
    assert_eq!(
        (failed.statement, failed.sqlstate.as_deref()),
        (2, Some("42703"))
    );
    assert_eq!(project.states().await, [State::Failed]);
}

/// sqlx wedges here: the failed run leaves its advisory lock in the pool.
#[tokio::test]
async fn after_a_failure_another_run_starts_within_a_second() {
    let project = Project::new(&[("1_first.up", "SELECT nope;")]).await;
    project.up().await.expect_err("wrong");
    project.write("1_first.up", "SELECT 1;");
    let begin = Instant::now();
    project.up().await.expect("corrected");
    assert!(
        begin.elapsed() < Duration::from_secs(1),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test]
async fn an_earlier_migration_stays_when_a_later_one_fails() {
    let project = Project::new(&[("1_first.up", TABLE), ("2_second.up", "SELECT nope;")]).await;
    project.up().await.expect_err("second is wrong");
    assert_eq!(project.states().await, [State::Applied, State::Failed]);
}

/// sqlx sends a file as one query, in which the second CONCURRENTLY fails; refinery and `SeaORM` cannot run any.
#[tokio::test]
async fn two_concurrent_index_builds_in_one_file_work_without_a_magic_comment() {
    let project = Project::new(&[(
        "1_first.up",
        "CREATE TABLE t (a int, b int);\n\
         CREATE INDEX CONCURRENTLY t_a ON t (a);\n\
         CREATE INDEX CONCURRENTLY t_b ON t (b);\n\
         INSERT INTO t VALUES (1, 2);\nVACUUM t;",
    )])
    .await;
    project.up().await.expect("up");
    assert_eq!(
        project
            .ask("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid")
            .await,
        "2"
    );
    assert_eq!(
        project.statements("1").await,
        "1:up:done 2:up:done 3:up:done 4:up:done 5:up:done"
    );
}

/// golang-migrate and Flyway call this "dirty"; sqlx leaves no trace of what was done.
#[tokio::test]
async fn a_half_applied_file_goes_on_after_the_failed_statement_was_corrected() {
    let good = "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY t_a ON t (a);\n";
    let project =
        Project::new(&[("1_first.up", &format!("{good}INSERT INTO t VALUES ('x');"))]).await;
    project.up().await.expect_err("third statement");
    let status = project.migrator().status().await.expect("status");
    let standing = &status.migrations[0];
    assert_eq!(
        (standing.state, standing.done, standing.of),
        (State::Partial, Some(2), Some(3))
    );
    project.write("1_first.up", format!("{good}INSERT INTO t VALUES (7);"));
    let report = project.up().await.expect("corrected");
    assert_eq!(report.migrations[0].statements, 1);
    assert_eq!(project.ask("SELECT a FROM t").await, "7");
    assert_eq!(project.states().await, [State::Applied]);
}

#[tokio::test]
async fn a_new_enum_value_can_be_used_later_in_the_same_file() {
    let project = Project::new(&[
        (
            "1_first.up",
            "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE t (m mood);",
        ),
        (
            "2_second.up",
            "ALTER TYPE mood ADD VALUE 'glad';\nINSERT INTO t VALUES ('glad');",
        ),
    ])
    .await;
    project.up().await.expect("up");
    assert_eq!(project.ask("SELECT m FROM t").await, "glad");
}

#[tokio::test]
async fn settings_are_made_again_when_a_file_is_resumed_and_do_not_leak_into_the_next() {
    let start = "CREATE SCHEMA s;\nSET search_path = s;\nCREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY t_a ON t (a);\n";
    let project =
        Project::new(&[("1_first.up", &format!("{start}INSERT INTO t VALUES ('x');"))]).await;
    project.up().await.expect_err("last statement");
    project.write("1_first.up", format!("{start}INSERT INTO t VALUES (7);"));
    project.write("2_second.up", "CREATE TABLE u (a int);");
    project.up().await.expect("corrected");
    assert_eq!(project.ask("SELECT a FROM s.t").await, "7");
    assert_eq!(
        project
            .ask("SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'u'")
            .await,
        "public"
    );
}

/// The default search path of a user called `underpin` begins with the ledger's schema.
#[tokio::test]
async fn tables_without_a_schema_are_not_made_among_the_ledgers() {
    let project = Project::new(&[("1_first.up", TABLE)]).await;
    assert_eq!(project.ask("SELECT session_user").await, "underpin");
    project.up().await.expect("up");
    assert_eq!(
        project
            .ask("SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 't'")
            .await,
        "public"
    );
}

#[tokio::test]
async fn a_file_that_takes_on_another_role_is_recorded_all_the_same() {
    let project = Project::new(&[(
        "1_first.up",
        "CREATE TABLE t (a int);\nSET ROLE pg_monitor;\nSELECT 1;\nVACUUM;\nRESET ROLE;\nINSERT INTO t VALUES (1);",
    )])
    .await;
    project.up().await.expect("up");
    assert_eq!(project.states().await, [State::Applied]);
}

#[tokio::test]
async fn statements_with_strings_bodies_and_odd_quotes_arrive_whole() {
    let project = Project::new(&[(
        "1_first.up",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\n\
         CREATE FUNCTION g() RETURNS text LANGUAGE plpgsql AS $b$ BEGIN RETURN 'a;b'; END; $b$;\n\
         CREATE TABLE \"odd;name\" (a text DEFAULT E'\\';');\n\
         /* ; /* nested ; */ */ INSERT INTO \"odd;name\" VALUES ($$;$$) -- ; end",
    )])
    .await;
    let report = project.up().await.expect("up");
    assert_eq!(report.migrations[0].statements, 4);
    assert_eq!(project.ask("SELECT f() || g()").await, "2a;b");
}

#[tokio::test]
async fn line_ends_of_a_checkout_do_not_reach_the_database() {
    let project = Project::new(&[(
        "1_first.up",
        "\u{feff}CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\r\nSELECT 1\r\n$$;\r\n",
    )])
    .await;
    project.up().await.expect("up");
    assert_eq!(
        project
            .ask("SELECT position(chr(13) IN prosrc) FROM pg_proc WHERE proname = 'f'")
            .await,
        "0"
    );
}

#[tokio::test]
async fn a_file_of_comments_is_applied_as_nothing() {
    let project = Project::new(&[("1_first.up", "-- nothing to do on purpose\n")]).await;
    project.up().await.expect("up");
    assert_eq!(project.states().await, [State::Applied]);
}

#[tokio::test]
async fn targets_stop_where_they_say() {
    let files = [
        ("1_a.up", "SELECT 1"),
        ("2_b.up", "SELECT 2"),
        ("3_c.up", "SELECT 3"),
        ("4_d.up", "SELECT 4"),
    ];
    let project = Project::new(&files).await;
    let one = NonZeroUsize::new(1).expect("one");
    project
        .migrator()
        .up(Target::Steps(one))
        .await
        .expect("one step");
    assert_eq!(
        project.migrator().status().await.expect("status").current,
        Some(version("1"))
    );
    project
        .migrator()
        .up(Target::To(version("3")))
        .await
        .expect("to three");
    assert_eq!(
        project.migrator().status().await.expect("status").current,
        Some(version("3"))
    );
    let back = project
        .migrator()
        .up(Target::To(version("1")))
        .await
        .expect("behind");
    assert!(back.migrations.is_empty());
    let unknown = project
        .migrator()
        .up(Target::To(version("9")))
        .await
        .expect_err("unknown");
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_plan_shows_what_will_run_and_is_applied_only_as_shown() {
    let project = Project::new(&[("1_first.up", TABLE)]).await;
    let plan = project
        .migrator()
        .plan(underpin_migrate::Direction::Up, Target::All)
        .await
        .expect("plan");
    assert_eq!(
        plan.steps()[0].remaining()[0].text(),
        "CREATE TABLE t (id int PRIMARY KEY, a int)"
    );
    assert_eq!(
        project.ask("SELECT to_regclass('t') IS NULL").await,
        "true",
        "a plan changes nothing"
    );
    project.write("1_first.up", "CREATE TABLE other (a int)");
    let error = project
        .migrator()
        .apply(&plan)
        .await
        .expect_err("changed since");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict);
    let plan = project
        .migrator()
        .plan(underpin_migrate::Direction::Up, Target::All)
        .await
        .expect("plan");
    project.migrator().apply(&plan).await.expect("as shown");
}

#[tokio::test]
async fn two_chains_share_a_ledger_and_nothing_else() {
    let project = Project::new(&[("1_first.up", "SELECT 1")]).await;
    project.up().await.expect("app");
    let chain = underpin_migrate::Chain::from_dir("other", project.folder.path()).expect("chain");
    let other = underpin_migrate::Migrator::new(project.db.options(), chain);
    assert_eq!(
        other.up(Target::All).await.expect("other").migrations.len(),
        1
    );
    assert_eq!(
        project
            .ask("SELECT count(*) FROM underpin.migrations")
            .await,
        "2"
    );
}

#[tokio::test]
async fn a_ledger_of_a_newer_underpin_is_left_alone() {
    let project = Project::new(&[("1_first.up", "SELECT 1")]).await;
    project.up().await.expect("up");
    project
        .sql("UPDATE underpin.migration_ledger SET version = 99")
        .await;
    let error = project.up().await.expect_err("newer");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn nothing_to_do_is_quick() {
    let files: Vec<_> = (1..=200)
        .map(|number| (format!("{number}_m.up"), format!("SELECT {number};")))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let project = Project::new(&files).await;
    project.up().await.expect("up");
    // Other tests keep the machine busy: it is asked until it is quick once.
    let mut best = Duration::MAX;
    wait_until(DEADLINE, async || {
        let begin = Instant::now();
        project
            .session()
            .await
            .query("SELECT 1", &[])
            .await
            .expect("one round trip");
        let connect = begin.elapsed();
        let begin = Instant::now();
        assert!(
            project
                .up()
                .await
                .expect("nothing to do")
                .migrations
                .is_empty()
        );
        best = best.min(begin.elapsed().saturating_sub(connect));
        best < Duration::from_millis(50)
    })
    .await;
    println!("nothing to do with 200 migrations: {best:?} more than to connect and ask once");
}
