//! A lock that is lost, as behind a transaction pooler.

use crate::support::{Project, text};
use underpin_core::ErrorKind;

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
