//! What the registry holds in a test.

use super::chain;
use underpin_pool::Database;
use underpin_stores::registry::{Document, Outcome, publish};
use underpin_testkit::TestDb;

/// A document of the least that is valid.
pub(crate) fn document(name: &str, version: &str) -> String {
    format!(r#"{{"name":"{name}","description":"What {name} does","version":"{version}"}}"#)
}

/// Publishes documents, one after another.
pub(crate) async fn publish_all(database: &Database, documents: impl IntoIterator<Item = String>) {
    for text in documents {
        let document = Document::parse(&text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        assert_eq!(
            publish(database, document).await.unwrap(),
            Outcome::Imported
        );
    }
}

/// Withdraws a version, as its publisher would.
pub(crate) async fn delete(database: &Database, name: &str, version: &str) {
    let sql = "UPDATE registry_server_versions SET status = 'deleted', status_message = 'withdrawn', \
               status_changed_at = now(), updated_at = now() WHERE name = $1 AND version = $2";
    assert_eq!(database.execute(sql, &[&name, &version]).await.unwrap(), 1);
}

/// A database with the stores' tables.
pub(crate) async fn migrated() -> TestDb {
    TestDb::migrated(&chain()).await
}
