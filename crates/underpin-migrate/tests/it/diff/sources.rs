//! Where schemas come from, and what is left behind.

use super::support::{Server, all, sql};
use underpin_core::{Chain, ErrorKind};
use underpin_migrate::diff::{Source, difference};
use underpin_schema::{Column, QualifiedName, Schema, Table};

#[tokio::test]
async fn all_kinds_of_sources_of_the_same_schema_are_equal() {
    let server = Server::start().await;
    let text = "CREATE TABLE public.notes (id integer, title text DEFAULT 'it''s')";
    let live = server.database("live").await;
    live.batch(text).await.expect("loaded");
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("20240101000000_notes.up.sql", "CREATE TABLE notes (id int)");
    write("20240101000000_notes.down.sql", "DROP TABLE notes");
    write(
        "20240101000001_title.up.sql",
        "ALTER TABLE notes ADD COLUMN title text DEFAULT 'it''s'",
    );
    let mut schema = Schema::default();
    let notes = Table::new(QualifiedName::new("public", "notes"))
        .column(Column::new("id", "integer"))
        .column(Column::new("title", "text").default("'it''s'"));
    schema.tables.insert(notes);
    let chain = underpin_migrate::Chain::from_dir("app", folder.path()).expect("a chain");
    let sources = [
        Source::Database(Box::new(server.options("live"))),
        Source::file(folder.path()).expect("a folder of .sql files"),
        Source::Migrations(chain),
        Source::Models(Box::new(schema), Vec::new()),
    ];
    let scratch = server.scratch().await;
    for source in &sources {
        let found = difference(&scratch, &sql("a.sql", text), source, &all())
            .await
            .expect("a way");
        assert!(found.is_empty(), "{source:?}\n{}", found.up);
    }
    scratch
        .close()
        .await
        .expect("scratch databases are dropped");
}

#[tokio::test]
async fn scratch_databases_and_roles_are_gone_afterwards() {
    let server = Server::start().await;
    let text = "CREATE TABLE t (a int); GRANT SELECT ON t TO \"a \"\"reader\"\"\"";
    let found = server
        .difference("", text, &all())
        .await
        .expect("the role is made");
    assert!(
        found.up.to_string().contains("GRANT SELECT"),
        "{}",
        found.up
    );
    let admin = server.session("postgres").await;
    let left = "SELECT (SELECT count(*) FROM pg_database WHERE datname LIKE 'underpin\\_scratch%')
                     + (SELECT count(*) FROM pg_roles WHERE rolname LIKE '%reader%')";
    let row = admin.query_one(left, &[]).await.expect("a count");
    assert_eq!(row.get::<i64>(0).expect("a number"), 0);
}

#[tokio::test]
async fn a_statement_that_fails_is_named_by_file_and_line() {
    let server = Server::start().await;
    let error = server
        .difference(
            "CREATE TABLE t (a int);\n\nCREATE VIEW v AS SELECT b FROM t;",
            "",
            &all(),
        )
        .await
        .expect_err("there is no b");
    assert_eq!(error.kind(), ErrorKind::Sql);
    let told = Chain(&error).to_string();
    assert!(
        told.starts_with("from.sql:3:1: the statement failed on the scratch server"),
        "{told}"
    );
}

#[tokio::test]
async fn a_file_may_hold_what_cannot_share_a_transaction() {
    let server = Server::start().await;
    let to = "CREATE TABLE t (a int); CREATE INDEX CONCURRENTLY t_a ON t (a);";
    let found = server
        .difference("CREATE TABLE t (a int)", to, &all())
        .await
        .expect("a way");
    assert_eq!(found.up.steps.len(), 1, "{}", found.up);
}
