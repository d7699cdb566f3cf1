//! kill -9 in the middle of a migration, and what the next run makes of it.

use crate::processes::{applied, start};
use crate::support::{DEADLINE, Project};
use underpin_migrate::State;
use underpin_testkit::wait_until;

const START: &str = "\
CREATE TABLE t (a int, b int);
CREATE INDEX CONCURRENTLY t_a ON t (a);
";
const END: &str = "\nCREATE INDEX CONCURRENTLY t_b ON t (b);\nINSERT INTO t VALUES (1, 1);";

#[tokio::test]
async fn killed_between_two_statements_the_next_run_goes_on_with_the_second() {
    let project = Project::new(&[("1_a.up", &format!("{START}SELECT pg_sleep(600);{END}"))]).await;
    let mut process = start(&project);
    wait_until(DEADLINE, async || {
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'";
        project.ask(sleeping).await == "1"
    })
    .await;
    process.kill().await.expect("kill -9");
    assert_eq!(project.statements("1").await, "1:up:done 2:up:done");
    assert_eq!(project.states().await, [State::Partial]);
    project.write("1_a.up", format!("{START}SELECT pg_sleep(0);{END}"));
    assert_eq!(applied(start(&project)).await, 1);
    assert_eq!(
        project.statements("1").await,
        "1:up:done 2:up:done 3:up:done 4:up:done 5:up:done"
    );
    assert_eq!(project.ask("SELECT count(*) FROM t").await, "1");
    assert_eq!(project.states().await, [State::Applied]);
}

#[tokio::test]
async fn killed_during_a_concurrent_build_the_next_run_drops_the_invalid_index_and_builds_it() {
    let project = Project::new(&[("1_a.up", &format!("{START}SELECT 3;{END}"))]).await;
    project.sql("CREATE TABLE other (a int)").await;
    let mut reader = project.session().await;
    let reading = reader.begin();
    // CREATE INDEX CONCURRENTLY waits for every snapshot older than its own.
    reading
        .query("SELECT txid_current(), count(*) FROM other", &[])
        .await
        .expect("a long reader");
    let mut process = start(&project);
    let invalid = "SELECT count(*) FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid WHERE c.relname = 't_a' AND NOT x.indisvalid";
    wait_until(DEADLINE, async || project.ask(invalid).await == "1").await;
    process.kill().await.expect("kill -9");
    assert_eq!(project.statements("1").await, "1:up:done 2:up:started");
    reading.rollback().await.expect("the reader ends");
    assert_eq!(applied(start(&project)).await, 1);
    assert_eq!(project.ask(invalid).await, "0");
    assert_eq!(project.states().await, [State::Applied]);
}

#[tokio::test]
async fn a_statement_whose_end_nobody_saw_is_done_when_the_catalog_says_so() {
    let project = Project::new(&[("1_a.up", &format!("{START}SELECT nope;"))]).await;
    project.up().await.expect_err("third statement");
    // As if the process had died between the index build and its record.
    project
        .sql("UPDATE underpin.migration_statements SET state = 'started' WHERE ordinal = 2")
        .await;
    project.write("1_a.up", format!("{START}SELECT 3;{END}"));
    project.up().await.expect("goes on");
    assert_eq!(project.told.count("FoundDone"), 1);
    assert_eq!(
        project.statements("1").await,
        "1:up:done 2:up:done 3:up:done 4:up:done 5:up:done"
    );
}

#[tokio::test]
async fn each_kind_of_interrupted_statement_is_looked_up() {
    let check = async |before: &str, interrupted: &str, is_done: bool| {
        let project =
            Project::new(&[("1_a.up", &format!("{before};\nVACUUM;\nSELECT nope"))]).await;
        project.up().await.expect_err(interrupted);
        project.write("1_a.up", format!("{before};\nVACUUM;\n{interrupted};"));
        let chain = project.chain().expect("valid");
        let statements = chain.migrations()[0].up.statements().expect("split");
        let last = statements.last().expect("one");
        let sql = "UPDATE underpin.migration_statements SET state = 'started', hash = $1, class = 'alone' WHERE state = 'failed'";
        project
            .db
            .database()
            .execute(sql, &[&last.hash().as_bytes()])
            .await
            .expect(sql);
        project
            .up()
            .await
            .unwrap_or_else(|error| panic!("{interrupted}: {}", crate::support::text(&error)));
        assert_eq!(
            project.told.count("FoundDone"),
            usize::from(is_done),
            "{interrupted}"
        );
        assert_eq!(project.states().await, [State::Applied], "{interrupted}");
    };
    let table = "CREATE TABLE t (a int)";
    let index = "CREATE TABLE t (a int); CREATE INDEX t_a ON t (a)";
    let partition = "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p FOR VALUES IN (1)";
    let detached = "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c (a int)";
    check(table, "CREATE INDEX CONCURRENTLY t_a ON t (a)", false).await;
    check(index, "CREATE INDEX CONCURRENTLY t_a ON t (a)", true).await;
    check(index, "DROP INDEX CONCURRENTLY t_a", false).await;
    check(table, "DROP INDEX CONCURRENTLY t_a", true).await;
    check(index, "REINDEX INDEX CONCURRENTLY t_a", false).await;
    check(
        partition,
        "ALTER TABLE p DETACH PARTITION c CONCURRENTLY",
        false,
    )
    .await;
    check(
        detached,
        "ALTER TABLE p DETACH PARTITION c CONCURRENTLY",
        true,
    )
    .await;
    check(
        table,
        "DROP DATABASE IF EXISTS underpin_test_no_such_database",
        true,
    )
    .await;
    check(table, "VACUUM t", false).await;
}

/// `pg_stat_progress_create_index` shows nothing of a superuser's build to the role that migrates.
#[tokio::test]
async fn the_index_that_another_role_is_building_is_left_alone() {
    let project = Project::new(&[("1_a.up", "CREATE INDEX CONCURRENTLY t_a ON t (a);")]).await;
    let database = project.ask("SELECT current_database()").await;
    let role = format!("owner_of_{database}");
    project
        .sql(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'pw'; GRANT CREATE ON DATABASE {database} TO {role};
             CREATE TABLE t (a int); CREATE TABLE other (a int); ALTER TABLE t OWNER TO {role}; \
             GRANT ALL ON SCHEMA public TO {role}"
        ))
        .await;
    let mut reader = project.session().await;
    let reading = reader.begin();
    reading
        .query("SELECT txid_current(), count(*) FROM other", &[])
        .await
        .expect("a long reader");
    let builder = project.session().await;
    let build = builder.batch("CREATE INDEX CONCURRENTLY t_a ON t (a)");
    let mut options = project.db.options();
    options.url.user.clone_from(&role);
    options.url.password = Some(underpin_core::Secret::new(String::from("pw")));
    let migrator = underpin_migrate::Migrator::new(options, project.chain().expect("valid"));
    let meet = async {
        let invalid = "SELECT count(*) FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid WHERE c.relname = 't_a' AND NOT x.indisvalid";
        wait_until(DEADLINE, async || project.ask(invalid).await == "1").await;
        let error = migrator.up(underpin_migrate::Target::All).await;
        let error = error.expect_err("somebody builds it");
        assert_eq!(
            error.kind(),
            underpin_core::ErrorKind::Refused,
            "{}",
            crate::support::text(&error)
        );
        reading.rollback().await.expect("the reader ends");
    };
    let (built, ()) = tokio::join!(build, meet);
    built.expect("the other's index");
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass";
    assert_eq!(project.ask(valid).await, "true");
    drop(migrator);
    project
        .sql(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"))
        .await;
}
