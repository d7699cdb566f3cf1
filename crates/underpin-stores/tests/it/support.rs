//! What the tests share: a migrated database, small documents, the public cases.

use std::path::PathBuf;
use underpin_migrate::Chain;
use underpin_pool::Database;
use underpin_stores::registry::{
    Document, Importer, ListQuery, ListRequest, Outcome, Report, Source, list, publish,
};
use underpin_testkit::TestDb;

/// A database of this test's own, with the registry's tables.
pub(crate) async fn registry() -> TestDb {
    let chain = Chain::embedded("underpin", &underpin_stores::MIGRATIONS).unwrap();
    TestDb::migrated(&chain).await
}

/// The smallest document of a name and a version.
pub(crate) fn document(name: &str, version: &str) -> Document {
    described(name, version, "A server")
}

pub(crate) fn described(name: &str, version: &str, description: &str) -> Document {
    let text = serde_json::json!({ "name": name, "version": version, "description": description });
    Document::parse(&text.to_string()).unwrap()
}

pub(crate) async fn published(db: &Database, name: &str, version: &str) {
    assert_eq!(
        publish(db, document(name, version)).await.unwrap(),
        Outcome::Imported,
        "{name} {version}"
    );
}

/// `name version` of every entry of one page.
pub(crate) async fn listed(db: &Database, request: ListRequest) -> Vec<String> {
    let page = list(db, &ListQuery::new(request).unwrap()).await.unwrap();
    page.entries
        .iter()
        .map(|server| format!("{} {}", server.name, server.version))
        .collect()
}

pub(crate) async fn imported(db: &Database, text: &str) -> Report {
    let mut importer = Importer::new(db);
    importer
        .add(&Source::from_bytes("test.json", text.as_bytes().to_vec()))
        .await
        .unwrap();
    importer.finish().await.unwrap()
}

/// The one version that is the latest; two of them, or none, fail.
pub(crate) async fn latest(db: &Database, name: &str) -> String {
    let sql = "SELECT version FROM registry_server_versions WHERE name = $1 AND is_latest";
    db.query_one(sql, &[&name]).await.unwrap().get(0).unwrap()
}

/// A folder or file of the public cases, when it is there.
pub(crate) fn case(path: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/mcp_registry");
    let path = root.join(path);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}
