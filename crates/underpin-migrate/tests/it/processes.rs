//! Several processes at once: this test binary, started again as a program that migrates.

use crate::support::{Project, text};
use std::path::Path;
use std::process::Stdio;
use tokio::process::{Child, Command};
use underpin_migrate::{Chain, Migrator, State, Target};
use underpin_pool::{DatabaseUrl, Options};

const PROGRAM: &str = "processes::this_is_the_program_that_the_other_tests_start";
const TASK: &str = "UNDERPIN_TEST_MIGRATE";
pub(crate) const COUNT: usize = 5;

/// Starts a process that migrates the project; it is killed with SIGKILL when dropped.
pub(crate) fn start(project: &Project) -> Child {
    start_to(project, "up")
}

/// Starts a process that makes sure of the project's schema, as a service does.
pub(crate) fn start_service(project: &Project) -> Child {
    start_to(project, "ensure")
}

pub(crate) fn start_to(project: &Project, verb: &str) -> Child {
    let binary = std::env::current_exe().expect("the running binary");
    let task = format!(
        "{verb}\n{}\n{}",
        project.db.url().expose(),
        project.folder.path().display()
    );
    Command::new(binary)
        .args(["--exact", PROGRAM, "--nocapture"])
        .env(TASK, task)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it can be started again")
}

/// Waits for the process and counts what it applied.
pub(crate) async fn applied(child: Child) -> usize {
    let output = child.wait_with_output().await.expect("it ends");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{stdout}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let applied = stdout.lines().find_map(|line| line.split_once("applied: "));
    applied
        .and_then(|(_, count)| count.parse().ok())
        .unwrap_or_else(|| panic!("no count in {stdout}"))
}

#[tokio::test]
async fn this_is_the_program_that_the_other_tests_start() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how one test process tells another what to do"
    )]
    let Ok(task) = std::env::var(TASK) else {
        return;
    };
    let (verb, task) = task.split_once('\n').expect("three lines");
    let (url, folder) = task.split_once('\n').expect("two lines");
    let url: DatabaseUrl = url.parse().expect("a URL");
    let chain = Chain::from_dir("app", Path::new(folder)).expect("valid");
    let chain = match verb {
        "data" => chain
            .with_data_migration(crate::data::slow())
            .expect("one more"),
        _ => chain,
    };
    let migrator = Migrator::new(Options::new(url), chain);
    let outcome = match verb {
        "up" | "data" => migrator.up(Target::All).await.map(|it| it.migrations),
        _ => migrator.ensure(None).await.map(|it| it.migrations),
    };
    let migrations = outcome.unwrap_or_else(|error| panic!("{}", text(&error)));
    println!("\napplied: {}", migrations.len());
}

/// refinery races here (`PeerDB` replaced it); golang-migrate and Flyway deadlock on the concurrent index.
#[tokio::test]
async fn five_processes_started_together_migrate_exactly_once() {
    let project = Project::new(&[
        ("1_a.up", "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 20000)"),
        ("2_b.up", "CREATE INDEX CONCURRENTLY t_a ON t (a)"),
        ("3_c.up", "INSERT INTO t VALUES (0);\nCREATE INDEX CONCURRENTLY t_b ON t ((a + 1));\nINSERT INTO t VALUES (-1)"),
    ])
    .await;
    let children: Vec<Child> = (0..COUNT).map(|_| start(&project)).collect();
    let mut counts = Vec::new();
    for child in children {
        counts.push(applied(child).await);
    }
    assert_eq!(counts.iter().sum::<usize>(), 3, "{counts:?}");
    assert_eq!(project.ask("SELECT count(*) FROM t").await, "20002");
    assert_eq!(
        project
            .ask("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid")
            .await,
        "2"
    );
    assert_eq!(project.states().await, [State::Applied; 3]);
}
