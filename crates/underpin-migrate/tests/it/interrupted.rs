//! Statements that commit as they go, and what is done about them when they fail or nobody sees their end.

use crate::processes::start;
use crate::support::{DEADLINE, Project, text, version};
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_migrate::{Decision, Direction, Interrupted, Resume, State, Target};
use underpin_testkit::wait_until;

/// Commits a row and fails afterwards.
const HALF: &str = "\
CREATE TABLE k (a int);
DO $$ BEGIN
  INSERT INTO k VALUES (1);
  COMMIT;
  INSERT INTO k SELECT 1 / (1 - count(*)) FROM k;
END $$;
INSERT INTO k VALUES (3);
";

fn decided(decision: Decision) -> Resume {
    Resume {
        version: version("1"),
        statement: 2,
        decision,
    }
}

async fn interrupted(project: &Project) -> Option<Interrupted> {
    let status = project.migrator().status().await.expect("status");
    status.migrations.into_iter().find_map(|it| it.interrupted)
}

/// Goes on with a decision.
async fn resume(project: &Project, decision: Decision) -> Result<(), underpin_migrate::Error> {
    let migrator = project.migrator_with(|it| it.resume = Some(decided(decision)));
    migrator.up(Target::All).await.map(drop)
}

#[tokio::test]
async fn a_block_that_committed_and_then_failed_waits_for_a_decision() {
    let project = Project::new(&[("1_a.up", HALF)]).await;
    let error = project.up().await.expect_err("a division by zero");
    let hint = error.hint().expect("a hint").to_owned();
    let done = decided(Decision::Done).to_string();
    assert!(hint.contains(&done) && hint.contains("stamp"), "{hint}");
    assert_eq!(project.statements("1").await, "1:up:done 2:up:started");
    let found = interrupted(&project).await.expect("told by status");
    assert_eq!((found.statement, found.needs_decision), (2, true));
    assert_eq!(found.sqlstate.as_deref(), Some("22012"));
    assert_eq!(project.states().await, [State::Partial]);

    // Neither a run nor a plan goes on by itself, and a service does not either.
    let error = project.up().await.expect_err("nobody has decided");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict, "{}", text(&error));
    assert!(error.hint().is_some_and(|it| it.contains(&done)));
    let migrator = project.migrator();
    let planned = migrator.plan(Direction::Up, Target::All).await;
    assert_eq!(
        planned.expect_err("as a run").kind(),
        ErrorKind::HistoryConflict
    );
    let ensured = migrator.ensure(None).await;
    assert_eq!(
        ensured.expect_err("as a run").kind(),
        ErrorKind::HistoryConflict
    );
    assert_eq!(project.ask("SELECT count(*) FROM k").await, "1");

    resume(&project, Decision::Done).await.expect("goes on");
    assert_eq!(project.ask("SELECT sum(a) FROM k").await, "4");
    assert_eq!(project.states().await, [State::Applied]);
    assert!(interrupted(&project).await.is_none());
}

#[tokio::test]
async fn a_corrected_block_is_run_again_when_somebody_says_so() {
    let project = Project::new(&[("1_a.up", HALF)]).await;
    project.up().await.expect_err("a division by zero");
    project.write("1_a.up", HALF.replace("1 / (1 - count(*))", "2"));
    let error = project.up().await.expect_err("nobody has decided");
    assert!(error.hint().is_some_and(|it| it.contains("--resume")));
    resume(&project, Decision::Again).await.expect("goes on");
    assert_eq!(project.ask("SELECT sum(a) FROM k").await, "9");
    // A decision that is left in a script covers nothing else.
    let error = resume(&project, Decision::Again).await;
    assert_eq!(
        error.expect_err("nothing waits").kind(),
        ErrorKind::InvalidInput
    );
}

#[tokio::test]
async fn a_block_that_failed_before_its_first_commit_is_run_again_by_itself() {
    let broken = "CREATE TABLE k (a int);\nDO $$ BEGIN INSERT INTO k SELECT 1 / count(*) FROM k; COMMIT; END $$;";
    let project = Project::new(&[("1_a.up", broken)]).await;
    project.up().await.expect_err("a division by zero");
    assert_eq!(project.statements("1").await, "1:up:done 2:up:failed");
    project.write("1_a.up", broken.replace("1 / count(*)", "1"));
    project.up().await.expect("goes on");
    assert_eq!(project.ask("SELECT count(*) FROM k").await, "0");
    assert_eq!(project.states().await, [State::Applied]);
}

#[tokio::test]
async fn a_lock_that_is_not_granted_after_a_commit_does_not_start_the_block_again() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE IF NOT EXISTS busy (a int); CREATE TABLE k (a int);\n\
         DO $$ BEGIN INSERT INTO k VALUES (1); COMMIT; LOCK TABLE busy; END $$;",
    )])
    .await;
    project.sql("CREATE TABLE busy (a int)").await;
    let mut other = project.session().await;
    let holding = other.begin();
    holding
        .batch("LOCK TABLE busy IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("locked");
    let impatient = project.migrator_with(|it| it.lock_timeout = Duration::from_millis(200));
    let error = impatient.up(Target::All).await.expect_err("no lock");
    assert_eq!(error.kind(), ErrorKind::LockTimeout, "{}", text(&error));
    assert_eq!(project.ask("SELECT count(*) FROM k").await, "1");
    assert_eq!(project.told.count("Retrying"), 0);
    assert!(interrupted(&project).await.expect("told").needs_decision);
    holding.rollback().await.expect("let go");
}

#[tokio::test]
async fn a_lock_that_is_not_granted_before_the_first_commit_is_asked_for_again() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE k (a int);\nDO $$ BEGIN LOCK TABLE busy; INSERT INTO k VALUES (1); COMMIT; END $$;",
    )])
    .await;
    project.sql("CREATE TABLE busy (a int)").await;
    let mut other = project.session().await;
    let holding = other.begin();
    holding
        .batch("LOCK TABLE busy IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("locked");
    let impatient = project.migrator_with(|it| {
        it.lock_timeout = Duration::from_millis(200);
        it.lock_attempts = 1000;
    });
    let run = impatient.up(Target::All);
    let free = async {
        wait_until(DEADLINE, async || project.told.count("Retrying") > 0).await;
        holding.rollback().await.expect("let go");
    };
    let (ran, ()) = tokio::join!(run, free);
    ran.unwrap_or_else(|error| panic!("{}", text(&error)));
    assert_eq!(project.ask("SELECT count(*) FROM k").await, "1");
}

#[tokio::test]
async fn killed_within_a_block_that_commits_the_next_run_waits_for_a_decision() {
    let project = Project::new(&[(
        "1_a.up",
        "CREATE TABLE k (a int);\n\
         DO $$ BEGIN INSERT INTO k VALUES (1); COMMIT; PERFORM pg_sleep(600); COMMIT; END $$;",
    )])
    .await;
    let mut process = start(&project);
    wait_until(DEADLINE, async || {
        let exists = project.ask("SELECT to_regclass('k')").await == "k";
        exists && project.ask("SELECT count(*) FROM k").await == "1"
    })
    .await;
    process.kill().await.expect("kill -9");
    let found = interrupted(&project).await.expect("told by status");
    assert_eq!((found.statement, found.sqlstate), (2, None));
    // The lock falls once the server has noticed that its client is gone.
    let error = project.up().await.expect_err("nobody has decided");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict, "{}", text(&error));
    assert_eq!(project.ask("SELECT count(*) FROM k").await, "1");
    resume(&project, Decision::Done).await.expect("goes on");
    assert_eq!(project.ask("SELECT count(*) FROM k").await, "1");
    assert_eq!(project.states().await, [State::Applied]);
}

#[tokio::test]
async fn a_connection_that_ends_is_not_blamed_on_the_file() {
    let end = "SELECT pg_terminate_backend(pg_backend_pid())";
    let committing = "DO $$ BEGIN COMMIT; PERFORM pg_terminate_backend(pg_backend_pid()); END $$";
    for (statement, expected) in [(end, "not at fault"), (committing, "--resume")] {
        let project = Project::new(&[("1_a.up", &format!("SELECT 1;\n{statement};"))]).await;
        let error = project.up().await.expect_err(statement);
        let said = text(&error);
        let hint = error.hint().unwrap_or_default();
        assert!(hint.contains(expected), "{statement}: {said}\n{hint}");
        assert!(!hint.contains("correct the file"), "{hint}");
    }
}

#[tokio::test]
async fn a_procedure_that_commits_is_run_in_the_way_that_the_hint_names() {
    let procedure = "CREATE TABLE k (a int);\nCREATE PROCEDURE p() LANGUAGE plpgsql AS \
                     $$ BEGIN INSERT INTO k VALUES (1); COMMIT; INSERT INTO k VALUES (2); END $$;\n";
    let project = Project::new(&[("1_a.up", &format!("{procedure}CALL p();"))]).await;
    let error = project.up().await.expect_err("in a transaction");
    let hint = error.hint().expect("a hint").to_owned();
    assert!(
        hint.contains("DO $$ BEGIN CALL name(); COMMIT; END $$"),
        "{hint}"
    );
    project.write(
        "1_a.up",
        format!("{procedure}DO $$ BEGIN CALL p(); COMMIT; END $$;"),
    );
    project.up().await.expect("the way that the hint names");
    assert_eq!(project.ask("SELECT count(*) FROM k").await, "2");
}

#[tokio::test]
async fn a_partition_whose_detaching_was_cut_short_is_detached_by_the_next_run() {
    let project = Project::new(&[(
        "1_a.up",
        "-- underpin: statement_timeout=1s\nSELECT 1;\nALTER TABLE p DETACH PARTITION c CONCURRENTLY;",
    )])
    .await;
    project
        .sql("CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p FOR VALUES IN (1)")
        .await;
    let mut reader = project.session().await;
    let reading = reader.begin();
    reading.query("SELECT * FROM p", &[]).await.expect("read");
    project.up().await.expect_err("the reader is in the way");
    let pending = "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'c'::regclass";
    assert_eq!(project.ask(pending).await, "true");
    reading.rollback().await.expect("the reader ends");
    project
        .up()
        .await
        .unwrap_or_else(|error| panic!("{}", text(&error)));
    assert_eq!(project.ask(pending).await, "null");
    assert_eq!(project.states().await, [State::Applied]);
}

#[tokio::test]
async fn a_hook_that_commits_is_not_started_again_within_a_run() {
    let project = Project::new(&[("1_a.up", "SELECT 1;")]).await;
    project
        .sql("CREATE TABLE busy (a int); CREATE TABLE k (a int)")
        .await;
    let hooks = project.folder.path().join("hooks");
    std::fs::create_dir_all(&hooks).expect("the folder is ours");
    let hook = "DO $$ BEGIN INSERT INTO k VALUES (1); COMMIT; LOCK TABLE busy; END $$;";
    std::fs::write(hooks.join("before_up.sql"), hook).expect("the folder is ours");
    let mut other = project.session().await;
    let holding = other.begin();
    holding
        .batch("LOCK TABLE busy IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("locked");
    let impatient = project.migrator_with(|it| it.lock_timeout = Duration::from_millis(200));
    impatient.up(Target::All).await.expect_err("no lock");
    assert_eq!(project.ask("SELECT count(*) FROM k").await, "1");
    holding.rollback().await.expect("let go");
}
