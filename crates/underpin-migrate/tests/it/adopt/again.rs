//! The tool goes on beside, and what it does is taken over again.

use super::site::Site;
use std::fs;
use underpin_core::ErrorKind;
use underpin_migrate::adopt::Tool;

#[tokio::test]
async fn what_the_tool_has_applied_since_is_recorded_and_nothing_else_is_touched() {
    let site = Site::left_by(Tool::Dbmate).await;
    site.adopt().await.expect("taken over");
    let edited = site.ours("20240501120000_create_users.up.sql");
    let text = fs::read_to_string(&edited).expect("a copy");
    fs::write(&edited, format!("{text}-- ours now\n")).expect("ours");
    site.write(
        "20240601120000_notes.sql",
        "-- migrate:up\nCREATE TABLE notes (id bigint);\n",
    );
    site.sql(
        "CREATE TABLE notes (id bigint); INSERT INTO schema_migrations VALUES ('20240601120000')",
    )
    .await;
    let adoption = site.adopt().await.expect("again");
    let recorded: Vec<_> = adoption
        .migrations
        .iter()
        .filter(|it| it.recorded)
        .map(|it| it.slug.as_str())
        .collect();
    assert_eq!(recorded, ["notes"]);
    assert!(
        fs::read_to_string(&edited)
            .expect("a copy")
            .ends_with("-- ours now\n")
    );
    assert!(site.status().await.is_current());
    assert_eq!(site.up().await, 0);
}

#[tokio::test]
async fn a_version_once_given_stays() {
    let site = Site::left_by(Tool::Flyway).await;
    // The first part is too large to be packed with the second: it is numbered behind 1.2.
    site.write("V20240501.2__second.sql", "SELECT 2;");
    site.adopt().await.expect("taken over");
    assert!(site.ours("00001002000001_second.up.sql").is_file());
    site.write("V20240502__third.sql", "SELECT 3;");
    site.adopt().await.expect("again");
    assert!(site.ours("00001002000002_third.up.sql").is_file());
    site.write("V20240501.1__first.sql", "SELECT 1;");
    let (kind, text) = site.refusal().await;
    assert_eq!(kind, ErrorKind::HistoryConflict);
    assert!(
        text.contains("V20240501.2__second.sql was taken over earlier"),
        "{text}"
    );
}

#[tokio::test]
async fn a_baseline_is_kept_and_what_came_behind_it_without_sql_is_refused() {
    let site = Site::left_by(Tool::SeaOrm).await;
    site.adopt().await.expect("taken over");
    let adoption = site.adopt().await.expect("again");
    assert_eq!(adoption.migrations.len(), 1);
    assert!(!adoption.migrations[0].recorded && adoption.migrations[0].written.is_empty());
    site.write("m20240601_120000_notes.rs", "// Rust");
    site.sql("INSERT INTO seaql_migrations VALUES ('m20240601_120000_notes', 1717243200)")
        .await;
    let (kind, text) = site.refusal().await;
    assert_eq!(kind, ErrorKind::Refused);
    assert!(
        text.contains("m20240601_120000_notes.rs since it was taken over"),
        "{text}"
    );
    assert!(text.contains("migrate new"), "{text}");
}
