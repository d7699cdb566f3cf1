//! Reverting.

use crate::support::{Project, text, version};
use std::num::NonZeroUsize;
use underpin_core::ErrorKind;
use underpin_migrate::{State, Target};

const FILES: [(&str, &str); 4] = [
    ("1_a.up", "CREATE TABLE a (x int)"),
    ("1_a.down", "DROP TABLE a"),
    ("2_b.up", "CREATE TABLE b (x int)"),
    ("2_b.down", "DROP TABLE b"),
];

fn steps(count: usize) -> Target {
    Target::Steps(NonZeroUsize::new(count).expect("at least one"))
}

#[tokio::test]
async fn the_newest_is_reverted_first_and_can_be_applied_again() {
    let project = Project::new(&FILES).await;
    project.up().await.expect("up");
    let report = project.migrator().down(steps(1)).await.expect("down");
    assert_eq!(report.migrations[0].slug.as_str(), "b");
    assert_eq!(project.states().await, [State::Applied, State::Pending]);
    assert_eq!(project.ask("SELECT to_regclass('b') IS NULL").await, "true");
    project.up().await.expect("up again");
    assert_eq!(project.states().await, [State::Applied, State::Applied]);
    assert_eq!(
        project.statements("2").await,
        "1:up:done",
        "the earlier round is forgotten"
    );
}

#[tokio::test]
async fn down_to_a_version_leaves_that_version() {
    let project = Project::new(&FILES).await;
    project.up().await.expect("up");
    project
        .migrator()
        .down(Target::To(version("1")))
        .await
        .expect("to one");
    assert_eq!(project.states().await, [State::Applied, State::Pending]);
    project.migrator().down(Target::All).await.expect("all");
    assert_eq!(project.states().await, [State::Pending, State::Pending]);
    assert!(
        project
            .migrator()
            .down(Target::All)
            .await
            .expect("nothing")
            .migrations
            .is_empty()
    );
}

#[tokio::test]
async fn a_missing_down_file_refuses_before_anything_is_reverted() {
    let project = Project::new(&FILES).await;
    project.remove("1_a.down");
    project.up().await.expect("up");
    let error = project
        .migrator()
        .down(Target::All)
        .await
        .expect_err("no way back");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(
        text(&error).contains("20240101000001_a.down.sql is missing"),
        "{}",
        text(&error)
    );
    assert_eq!(
        project.states().await,
        [State::Applied, State::Applied],
        "b was not reverted"
    );
}

#[tokio::test]
async fn a_failing_down_leaves_the_migration_applied() {
    let project = Project::new(&FILES).await;
    project.up().await.expect("up");
    project.write("2_b.down", "DROP TABLE b; SELECT nope");
    let error = project.migrator().down(steps(1)).await.expect_err("wrong");
    assert!(
        text(&error).contains("2_b.down.sql:1:22: statement 2 of 2 failed"),
        "{}",
        text(&error)
    );
    assert_eq!(project.states().await, [State::Applied, State::Applied]);
    project.write("2_b.down", "DROP TABLE b");
    project.migrator().down(steps(1)).await.expect("corrected");
}

#[tokio::test]
async fn a_half_reverted_migration_goes_on_and_stops_up_meanwhile() {
    let down = "DROP TABLE b;\nVACUUM;\n";
    let project = Project::new(&FILES).await;
    project.up().await.expect("up");
    project.write("2_b.down", format!("{down}SELECT nope"));
    project
        .migrator()
        .down(steps(1))
        .await
        .expect_err("third statement");
    assert_eq!(project.states().await, [State::Applied, State::Reverting]);
    let error = project.up().await.expect_err("half reverted");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict);
    assert!(
        text(&error).contains("half reverted: 2 of 3"),
        "{}",
        text(&error)
    );
    project.write("2_b.down", format!("{down}SELECT 1"));
    project.migrator().down(steps(1)).await.expect("goes on");
    assert_eq!(project.states().await, [State::Applied, State::Pending]);
}

#[tokio::test]
async fn a_half_applied_migration_is_finished_before_it_is_reverted() {
    let project =
        Project::new(&[("1_a.up", "VACUUM; SELECT nope"), ("1_a.down", "SELECT 1")]).await;
    project.up().await.expect_err("second statement");
    let error = project
        .migrator()
        .down(Target::All)
        .await
        .expect_err("half applied");
    assert!(
        text(&error).contains("half applied: 1 of 2"),
        "{}",
        text(&error)
    );
}
