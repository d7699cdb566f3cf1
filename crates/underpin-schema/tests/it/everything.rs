//! Schemas that have everything there is.

use crate::support::{Server, difference, read, run_script, run_statements};
use underpin_core::Chain;
use underpin_pool::Database;

#[tokio::test]
async fn a_schema_that_has_everything_is_read_back_as_it_was() {
    let server = Server::start().await;
    for role in ["reader", "\"evil\"\"role\""] {
        server.run(&format!("CREATE ROLE {role}")).await;
    }
    check(
        &server,
        "SELECT FROM pg_available_extensions WHERE name = 'btree_gist'",
        include_str!("everything.sql"),
    )
    .await;
}

#[tokio::test]
async fn what_is_new_in_postgresql_18_is_read_back_as_it_was() {
    let server = Server::start().await;
    check(
        &server,
        "SELECT WHERE current_setting('server_version_num')::int >= 180000",
        include_str!("newest.sql"),
    )
    .await;
}

/// Reads what a script makes, writes it and reads it back; nothing when `condition` finds no row.
#[expect(clippy::print_stdout, reason = "says why nothing was tested")]
async fn check(server: &Server, condition: &str, script: &str) {
    let source = server.empty("source").await;
    if source
        .query(condition, &[])
        .await
        .expect("a query")
        .is_empty()
    {
        println!("skipped: on this server there is no row of {condition}");
        return;
    }
    let loaded = run_script(&source, script).await;
    loaded.unwrap_or_else(|error| panic!("the script does not load: {}", Chain(&error)));
    round_trip(&source, &server.empty("target").await).await;
}

/// Fails when a fresh database does not equal its own copy: then `migrate diff` works with no live database of that version.
async fn round_trip(source: &Database, target: &Database) {
    let before = read(source).await;
    let version = source.query_one("SHOW server_version", &[]).await;
    let version: String = version.expect("a server").get(0).expect("its version");
    let told = before.schema.unmodelled.iter().filter(|it| it.is_told());
    let told: Vec<&str> = told.map(|it| it.description.as_str()).collect();
    assert_eq!(told, Vec::<&str>::new());
    let written = run_statements(target, &before.create_sql()).await;
    written.unwrap_or_else(|error| panic!("was not written: {error}"));
    let after = read(target).await;
    let lines = difference(&before.schema, &after.schema);
    assert!(
        lines.is_none(),
        "on PostgreSQL {version} a database does not equal its own copy:\n{}",
        lines.unwrap_or_default()
    );
    assert!(
        before.dependencies == after.dependencies,
        "the dependencies differ"
    );
}
