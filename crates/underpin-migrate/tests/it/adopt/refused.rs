//! What is not safe to take over is refused, with the next step, and nothing is written.

use super::site::Site;
use std::fs;
use underpin_core::ErrorKind;
use underpin_migrate::State;
use underpin_migrate::adopt::{Tool, adopt};

/// Refused with these words, and nothing left behind.
async fn check(site: &Site, kind: ErrorKind, words: &[&str]) {
    let (actual, text) = site.refusal().await;
    assert_eq!(actual, kind, "{text}");
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!site.ours("").exists(), "no copies");
    assert_eq!(site.ask("SELECT to_regnamespace('underpin')").await, "null");
}

#[tokio::test]
async fn a_role_that_would_find_our_schema_first() {
    let site = Site::left_by(Tool::Refinery).await;
    site.search("\"$user\", public").await;
    let words = [
        "the role underpin finds",
        "ALTER ROLE underpin SET search_path = public",
    ];
    check(&site, ErrorKind::Refused, &words).await;
}

#[tokio::test]
async fn a_dirty_golang_migrate() {
    let site = Site::left_by(Tool::GolangMigrate).await;
    site.sql("UPDATE schema_migrations SET dirty = true").await;
    check(
        &site,
        ErrorKind::Refused,
        &["migration 2 ended half-way", "migrate force VERSION"],
    )
    .await;
}

#[tokio::test]
async fn a_failed_flyway_migration() {
    let site = Site::left_by(Tool::Flyway).await;
    site.sql("UPDATE flyway_schema_history SET success = false WHERE version = '1.2'")
        .await;
    check(
        &site,
        ErrorKind::Refused,
        &["migration 1.2 ended half-way", "flyway repair"],
    )
    .await;
}

#[tokio::test]
async fn a_half_run_sqlx_migration() {
    let site = Site::left_by(Tool::Sqlx).await;
    site.sql("UPDATE _sqlx_migrations SET success = false WHERE version = 20240502120000")
        .await;
    check(
        &site,
        ErrorKind::Refused,
        &[
            "migration 20240502120000 ended half-way",
            "_sqlx_migrations",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_file_that_was_changed_after_sqlx_applied_it() {
    let site = Site::left_by(Tool::Sqlx).await;
    site.write(
        "20240502120000_add_email.up.sql",
        "ALTER TABLE users ADD COLUMN mail text;",
    );
    let words = [
        "20240502120000_add_email.up.sql was changed after sqlx applied it",
        "restore",
    ];
    check(&site, ErrorKind::HistoryConflict, &words).await;
}

#[tokio::test]
async fn a_file_that_was_changed_after_flyway_applied_it() {
    let site = Site::left_by(Tool::Flyway).await;
    site.write("V1__create_users.sql", "CREATE TABLE people (id bigint);");
    check(
        &site,
        ErrorKind::HistoryConflict,
        &["V1__create_users.sql was changed", "restore"],
    )
    .await;
}

#[tokio::test]
async fn a_row_without_a_file() {
    for (tool, file, key) in [
        (
            Tool::Sqlx,
            "20240501120000_create_users.up.sql",
            "20240501120000",
        ),
        (Tool::Refinery, "V1__create_users.sql", "1"),
        (
            Tool::Diesel,
            "2024-05-02-120000-0000_add_email/up.sql",
            "202405021200000000",
        ),
        (
            Tool::SeaOrm,
            "m20240501_120000_create_users.rs",
            "m20240501_120000_create_users",
        ),
        (Tool::Alembic, "2c7c62500fc3_add_email.py", "2c7c62500fc3"),
        (Tool::Flyway, "V1.2__add_email.sql", "1.2"),
        (Tool::GolangMigrate, "000002_add_email.up.sql", "2"),
        (
            Tool::Dbmate,
            "20240501120000_create_users.sql",
            "20240501120000",
        ),
    ] {
        let site = Site::left_by(tool).await;
        fs::remove_file(site.tools(file)).expect(file);
        let words = [
            &format!("{tool} has applied migration {key}, and no file is that"),
            "--source",
        ];
        check(
            &site,
            ErrorKind::HistoryConflict,
            &words.map(|it| it as &str),
        )
        .await;
    }
}

#[tokio::test]
async fn an_alembic_file_whose_predecessor_is_gone() {
    let site = Site::left_by(Tool::Alembic).await;
    fs::remove_file(site.tools("fa0c9244d754_create_users.py")).expect("there");
    let words = ["2c7c62500fc3_add_email.py follows fa0c9244d754", "--source"];
    check(&site, ErrorKind::HistoryConflict, &words).await;
}

#[tokio::test]
async fn a_pending_migration_that_is_not_sql() {
    let site = Site::left_by(Tool::SeaOrm).await;
    site.write("m20240601_120000_notes.rs", "// Rust");
    let words = [
        "m20240601_120000_notes.rs is not applied",
        "let sea-orm apply it first",
    ];
    check(&site, ErrorKind::Refused, &words).await;
}

#[tokio::test]
async fn copies_in_the_tools_own_folder() {
    let site = Site::left_by(Tool::Refinery).await;
    let mut request = site.request();
    request.folder = site.tools("");
    let error = adopt(&site.db.options(), &request)
        .await
        .expect_err("two layouts in one folder");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("V1__create_users.sql"),
        "{error}"
    );
    assert!(error.hint().is_some_and(|it| it.contains("--dir")));
}

#[tokio::test]
async fn another_file_where_the_copy_would_go() {
    let site = Site::left_by(Tool::Refinery).await;
    fs::create_dir(site.ours("")).expect("ours");
    let there = site.ours("00000000000001_create_users.up.sql");
    fs::write(&there, "SELECT 'mine'").expect("ours");
    let (kind, text) = site.refusal().await;
    assert_eq!(kind, ErrorKind::HistoryConflict);
    assert!(text.contains("is there already"), "{text}");
    assert_eq!(
        fs::read_to_string(there).expect("still there"),
        "SELECT 'mine'"
    );
}

#[tokio::test]
async fn what_only_the_tool_could_run_is_changed_in_the_copy() {
    let site = Site::without_files(Tool::GolangMigrate).await;
    site.write(
        "1_load.up.sql",
        "CREATE TABLE t (a int);\nCOPY t FROM stdin;\n",
    );
    site.sql(
        "CREATE TABLE t (a int); CREATE TABLE schema_migrations (version bigint, dirty boolean)",
    )
    .await;
    site.sql("INSERT INTO schema_migrations VALUES (1, false)")
        .await;
    let (kind, text) = site.refusal().await;
    let copy = site.ours("00000000000001_load.up.sql");
    assert_eq!(kind, ErrorKind::InvalidInput);
    assert!(
        text.contains(&format!("{}:3:1: COPY", copy.display())),
        "{text}"
    );
    assert!(text.contains("change this copy"), "{text}");
    let text = fs::read_to_string(&copy)
        .expect("written")
        .replace("COPY t FROM stdin;", "INSERT INTO t VALUES (1);");
    fs::write(&copy, text).expect("ours");
    site.adopt().await.expect("taken over");
    assert_eq!(site.states().await, [State::Applied]);
}

#[tokio::test]
async fn what_only_the_tool_could_run_in_its_own_folder_needs_another_one() {
    let site = Site::without_files(Tool::GolangMigrate).await;
    site.write(
        "20240501120000_t.up.sql",
        "BEGIN;\nCREATE TABLE t (a int);\nCOMMIT;\n",
    );
    site.sql(
        "CREATE TABLE t (a int); CREATE TABLE schema_migrations (version bigint, dirty boolean)",
    )
    .await;
    site.sql("INSERT INTO schema_migrations VALUES (20240501120000, false)")
        .await;
    let mut request = site.request();
    request.folder = site.tools("");
    let error = adopt(&site.db.options(), &request)
        .await
        .expect_err("transaction control");
    assert!(
        error.hint().is_some_and(|it| it.contains("--dir")),
        "{error:?}"
    );
    site.adopt().await.expect("copied elsewhere");
    assert_eq!(site.states().await, [State::Applied]);
}
