//! What the tools have left is taken over, and the database goes on with us.

use super::site::Site;
use std::fs;
use underpin_migrate::adopt::{Tool, adopt};
use underpin_migrate::{Chain, Migrator, Target, diff};
use underpin_pool::Options;
use underpin_schema::{Column, QualifiedName};
use underpin_testkit::TestDb;

/// Versions and slugs of our chain, whether applied.
async fn check(tool: Tool, expected: &[&str]) -> Site {
    let site = Site::left_by(tool).await;
    let before = site.everything_of_the_tool().await;
    let adoption = site.adopt().await.expect("taken over");
    assert_eq!(adoption.tool, tool);
    let taken: Vec<_> = adoption
        .migrations
        .iter()
        .map(|it| format!("{} {}", it.version, it.slug))
        .collect();
    assert_eq!(taken, expected);
    assert!(
        adoption
            .migrations
            .iter()
            .all(|it| it.applied && it.recorded),
        "{adoption:?}"
    );

    let status = site.status().await;
    assert!(status.is_current(), "{status:?}");
    assert_eq!(status.migrations.len(), expected.len());
    assert_eq!(
        site.ask("SELECT string_agg(DISTINCT origin, ',') FROM underpin.migrations")
            .await,
        "adopt"
    );
    assert_eq!(site.up().await, 0);
    fs::write(
        site.ours("20300101000000_notes.up.sql"),
        "CREATE TABLE notes (id bigint)",
    )
    .expect("ours");
    assert_eq!(site.up().await, 1);
    assert_eq!(site.everything_of_the_tool().await, before);

    let fresh = TestDb::empty().await;
    let chain = Chain::from_dir("app", &site.ours("")).expect("valid");
    let migrator = Migrator::new(fresh.options(), chain);
    migrator
        .up(Target::All)
        .await
        .expect("an empty database becomes the same");
    assert_eq!(
        tables(&fresh.options()).await,
        tables(&site.db.options()).await
    );
    site
}

/// The columns of the tables that the migrations make.
async fn tables(options: &Options) -> Vec<String> {
    let catalog = diff::read(options).await.expect("readable");
    let column = |it: &Column| format!("{} {}", it.name, it.data_type);
    let mut found = Vec::new();
    for name in ["users", "notes"] {
        let table = catalog
            .schema
            .tables
            .get(&QualifiedName::new("public", name))
            .expect(name);
        found.extend(table.columns.iter().map(column));
        found.extend(table.indexes.iter().map(|it| it.name.clone()));
    }
    found
}

#[tokio::test]
async fn refinerys_numbers_become_versions() {
    check(
        Tool::Refinery,
        &["00000000000001 create_users", "00000000000002 add_email"],
    )
    .await;
}

#[tokio::test]
async fn diesels_dates_become_versions_and_both_ways_are_taken() {
    let site = check(
        Tool::Diesel,
        &["20240501120000 create_users", "20240502120000 add_email"],
    )
    .await;
    assert!(site.ours("20240502120000_add_email.down.sql").is_file());
}

#[tokio::test]
async fn sea_orms_migrations_become_one_baseline() {
    let site = check(Tool::SeaOrm, &["20240502120000 baseline"]).await;
    let text = fs::read_to_string(site.ours("20240502120000_baseline.up.sql")).expect("written");
    assert!(!text.contains("seaql_migrations"), "{text}");
}

#[tokio::test]
async fn alembics_migrations_become_one_baseline_where_alembic_is_not_found() {
    // There is no alembic.ini above the folder here; with it, see the tests of the command line.
    check(Tool::Alembic, &["20240502120000 baseline"]).await;
}

#[tokio::test]
async fn flyways_dotted_versions_keep_their_order() {
    let site = check(
        Tool::Flyway,
        &["00001000000000 create_users", "00001002000000 add_email"],
    )
    .await;
    let down =
        fs::read_to_string(site.ours("00001002000000_add_email.down.sql")).expect("of the U file");
    assert!(
        down.ends_with("\nALTER TABLE users DROP COLUMN email;\n"),
        "{down}"
    );
    let applied =
        "SELECT finished_at AT TIME ZONE 'UTC' FROM underpin.migrations ORDER BY version LIMIT 1";
    assert_eq!(
        site.ask(applied).await,
        "2024-05-01 12:00:00",
        "the tool's own date"
    );
}

#[tokio::test]
async fn flyways_repeatables_are_told() {
    let site = Site::left_by(Tool::Flyway).await;
    let notes = site.adopt().await.expect("taken over").notes.join("\n");
    assert!(notes.contains("R__user_names.sql is repeatable"), "{notes}");
}

#[tokio::test]
async fn golang_migrates_newest_version_says_what_is_applied() {
    let site = check(
        Tool::GolangMigrate,
        &["00000000000001 create_users", "00000000000002 add_email"],
    )
    .await;
    let text = fs::read_to_string(site.ours("00000000000002_add_email.up.sql")).expect("a copy");
    assert!(
        !text.contains("BEGIN") && !text.contains("COMMIT"),
        "{text}"
    );
}

#[tokio::test]
async fn dbmates_files_are_taken_apart() {
    let expected = [
        "20240501120000 create_users",
        "20240502120000 add_email",
        "20240503120000 index_email",
    ];
    let site = check(Tool::Dbmate, &expected).await;
    assert!(site.ours("20240502120000_add_email.down.sql").is_file());
    assert!(
        !site.ours("20240503120000_index_email.down.sql").exists(),
        "its way back is empty"
    );
}

#[tokio::test]
async fn sqlxs_files_are_used_as_they_are() {
    let site = Site::left_by(Tool::Sqlx).await;
    let before = site.everything_of_the_tool().await;
    let mut request = site.request();
    request.folder = site.tools("");
    let adoption = adopt(&site.db.options(), &request)
        .await
        .expect("taken over");
    assert!(adoption.in_place);
    assert_eq!(site.everything_of_the_tool().await, before);
    let migrator = site.migrator(&site.tools(""));
    assert!(migrator.status().await.expect("status").is_current());
    assert!(
        migrator
            .up(Target::All)
            .await
            .expect("nothing")
            .migrations
            .is_empty()
    );
    site.write(
        "20300101000000_notes.up.sql",
        "CREATE TABLE notes (id bigint);",
    );
    let report = site.migrator(&site.tools("")).up(Target::All).await;
    assert_eq!(report.expect("applied").migrations.len(), 1);
}

#[tokio::test]
async fn sqlxs_files_can_be_copied_too_and_line_ends_do_not_matter() {
    let site = Site::left_by(Tool::Sqlx).await;
    let file = site.tools("20240501120000_create_users.up.sql");
    let text = fs::read_to_string(&file)
        .expect("there")
        .replace('\n', "\r\n");
    fs::write(file, text).expect("as a checkout on Windows has it");
    let adoption = site.adopt().await.expect("taken over");
    assert!(!adoption.in_place && adoption.migrations.iter().all(|it| !it.written.is_empty()));
    assert!(site.status().await.is_current());
}

#[tokio::test]
async fn what_a_tool_has_not_applied_stays_pending() {
    let site = Site::left_by(Tool::Dbmate).await;
    site.write(
        "20240601120000_notes.sql",
        "-- migrate:up\nCREATE TABLE notes (id bigint);\n",
    );
    let adoption = site.adopt().await.expect("taken over");
    let pending: Vec<_> = adoption
        .migrations
        .iter()
        .filter(|it| !it.applied)
        .map(|it| it.slug.as_str())
        .collect();
    assert_eq!(pending, ["notes"]);
    assert_eq!(site.up().await, 1);
    assert_eq!(site.ask("SELECT to_regclass('notes')").await, "notes");
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let site = Site::left_by(Tool::Flyway).await;
    let mut request = site.request();
    request.dry_run = true;
    let adoption = adopt(&site.db.options(), &request).await.expect("told");
    assert!(
        adoption
            .migrations
            .iter()
            .all(|it| it.applied && !it.recorded)
    );
    assert_eq!(
        adoption.migrations[0].written.len(),
        1,
        "what would be written"
    );
    assert!(!site.ours("").exists());
    assert_eq!(site.ask("SELECT to_regnamespace('underpin')").await, "null");
}

#[tokio::test]
async fn a_history_in_another_schema_is_found() {
    let site = Site::left_by(Tool::Refinery).await;
    site.sql("CREATE SCHEMA app; ALTER TABLE refinery_schema_history SET SCHEMA app")
        .await;
    assert_eq!(
        site.adopt().await.expect("taken over").table,
        "app.refinery_schema_history"
    );
}
