//! Every statement is planned; the hot ones use the index that was made for them.

use crate::support::registry;
use underpin_pool::{Database, Params};
use underpin_stores::registry::{Document, Status, publish};

/// Enough rows that a scan of all of them would cost more than an index.
async fn fill(db: &Database) {
    publish(
        db,
        Document::parse(r#"{"name":"a/first","version":"1.0.0","description":"x"}"#).unwrap(),
    )
    .await
    .unwrap();
    let sql = "
        INSERT INTO registry_servers (name) SELECT 'a/s' || n FROM generate_series(1, 20000) AS n;
        INSERT INTO registry_server_versions
            (name, version, description, search_text, document, content_hash, is_latest, published_at, updated_at)
        SELECT 'a/s' || n, v || '.0.0', 'x', 'a/s' || n, '{}', sha256('x'), v = 2, now() - n * interval '1 minute',
               now() - n * interval '1 minute'
        FROM generate_series(1, 20000) AS n, generate_series(1, 2) AS v;
        ANALYZE registry_servers, registry_server_versions;";
    db.batch(sql).await.unwrap();
}

async fn plan(db: &Database, sql: &str, params: Params<'_>) -> String {
    let rows = db.query(&format!("EXPLAIN {sql}"), params).await;
    let rows = rows.unwrap_or_else(|error| panic!("{}\n{sql}", underpin_core::Chain(&error)));
    rows.iter()
        .map(|row| row.get::<String>(0).unwrap() + "\n")
        .collect()
}

async fn uses(db: &Database, sql: &str, params: Params<'_>, index: &str) {
    let plan = plan(db, sql, params).await;
    assert!(
        plan.contains(index) && !plan.contains("Seq Scan"),
        "{index} is not used:\n{sql}\n{plan}"
    );
}

#[tokio::test]
async fn hot_queries_use_their_index() {
    let db = registry().await;
    let db = db.database();
    fill(db).await;
    let (name, version, limit) = ("a/s7", "1.0.0", 31_i64);
    let gone = Status::Deleted;
    let since = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(10);
    let latest = "registry_server_versions_latest_key";
    let by_version = "registry_server_versions_name_version_key";
    // Several indexes serve a single server equally well.
    let any = "registry_server_versions_";
    let check =
        async |sql: &str, params: Params<'_>, index: &str| uses(db, sql, params, index).await;
    let sql = include_str!("../sql/list_latest.sql");
    check(sql, &[&gone, &name, &limit], latest).await;
    let sql = include_str!("../sql/list_all.sql");
    check(sql, &[&gone, &name, &name, &version, &limit], by_version).await;
    let sql = include_str!("../sql/list_exact_version.sql");
    let exact = "registry_server_versions_version_idx";
    check(sql, &[&version, &gone, &name, &limit], exact).await;
    let sql = include_str!("../sql/list_updated_since.sql");
    let updated = "registry_server_versions_updated_at_idx";
    check(sql, &[&since, &limit], updated).await;
    let sql = include_str!("../sql/get_latest.sql");
    check(sql, &[&name, &gone, &1_i64], latest).await;
    let sql = include_str!("../sql/get_version.sql");
    check(sql, &[&name, &version, &gone, &1_i64], any).await;
    let sql = include_str!("../sql/versions.sql");
    check(sql, &[&name, &gone, &1_001_i64], any).await;
    let sql = include_str!("../sql/versions_after.sql");
    check(
        sql,
        &[&name, &gone, &since, &since, &7_i64, &1_001_i64],
        any,
    )
    .await;
    let sql = include_str!("../sql/list_items.sql");
    check(sql, &[&gone, &"%s7%", &name, &limit], latest).await;
}

#[tokio::test]
async fn a_rare_search_uses_the_trigram_index_where_there_is_one() {
    let db = registry().await;
    let db = db.database();
    let found = db
        .query("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'", &[])
        .await
        .unwrap();
    if found.is_empty() {
        println!("skipped: this PostgreSQL has no pg_trgm");
        return;
    }
    fill(db).await;
    let sql = include_str!("../sql/list_search.sql");
    uses(
        db,
        sql,
        &[&Status::Deleted, &"%first%", &31_i64],
        "registry_server_versions_search_idx",
    )
    .await;
}

#[tokio::test]
async fn statements_of_a_publication_use_an_index() {
    let db = registry().await;
    let db = db.database();
    fill(db).await;
    let names = vec!["a/s7", "a/s8"];
    let versions = vec!["1.0.0", "1.0.0"];
    let check =
        async |sql: &str, params: Params<'_>, index: &str| uses(db, sql, params, index).await;
    // Both orders of name and version serve equally well.
    let any = "registry_server_versions_";
    let known = include_str!("../../src/registry/sql/known_versions.sql");
    check(known, &[&names, &versions], any).await;
    let standings = include_str!("../../src/registry/sql/standings.sql");
    check(standings, &[&names], any).await;
    let touch = include_str!("../../src/registry/sql/touch_servers.sql");
    check(touch, &[&names], "registry_servers_name_key").await;
}

/// A file that nothing reads is a mistake.
#[test]
fn every_statement_file_is_used() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    let mut files = Vec::new();
    let mut folders = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => sources += &std::fs::read_to_string(&path).unwrap(),
                Some("sql") => files.push(path.file_name().unwrap().to_str().unwrap().to_owned()),
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    for file in files {
        assert!(
            sources.contains(&format!("sql/{file}\"")),
            "{file} is not used"
        );
    }
}
