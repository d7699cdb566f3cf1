//! Trap 31: an unknown field in a document survives store and read; so does every byte.

use crate::support::{case, document, imported, registry};
use underpin_core::ErrorKind;
use underpin_stores::registry::{Document, Outcome, Source, check, get, publish};

#[tokio::test]
async fn an_unknown_field_survives_store_and_read() {
    let db = registry().await;
    let text = "{\"x-ours\": {\"z\":1.50,\"a\":[ ]},\n  \"name\":\"a/b\",\"version\":\"1.0.0\",\"description\":\"caf\\u00e9\",\n\
                \"_meta\":{\"com.example/z\":true}}";
    publish(db.database(), Document::parse(text).unwrap())
        .await
        .unwrap();
    let stored = get(db.database(), "a/b", "1.0.0", false).await.unwrap();
    assert_eq!(stored.document.get(), text);
    assert_eq!(stored.description, "café");
    let sql = "SELECT document_json ->> 'description' FROM registry_server_versions";
    assert_eq!(
        db.database()
            .query_one(sql, &[])
            .await
            .unwrap()
            .get::<String>(0)
            .unwrap(),
        "café"
    );
}

#[tokio::test]
async fn versions_are_immutable_whatever_their_layout() {
    let db = registry().await;
    let db = db.database();
    let publish = async |text: &str| publish(db, Document::parse(text).unwrap()).await.unwrap();
    let first = r#"{"name":"a/b","version":"1.0.0","description":"x"}"#;
    assert_eq!(publish(first).await, Outcome::Imported);
    assert_eq!(
        publish("{ \"version\": \"1.0.0\", \"description\": \"x\", \"name\": \"a/b\" }").await,
        Outcome::Unchanged
    );
    assert_eq!(
        publish(r#"{"name":"a/b","version":"1.0.0","description":"y"}"#).await,
        Outcome::Conflict
    );
    assert_eq!(
        get(db, "a/b", "1.0.0", false).await.unwrap().document.get(),
        first
    );
}

#[tokio::test]
async fn the_database_refuses_what_the_program_would_not_write() {
    let db = registry().await;
    let db = db.database();
    publish(db, document("a/b", "1.0.0")).await.unwrap();
    publish(db, document("a/b", "2.0.0")).await.unwrap();
    let refused = async |sql: &str, kind: ErrorKind| {
        assert_eq!(
            db.execute(sql, &[]).await.unwrap_err().kind(),
            kind,
            "{sql}"
        );
    };
    refused(
        "UPDATE registry_server_versions SET is_latest = true",
        ErrorKind::UniqueViolation,
    )
    .await;
    refused(
        "UPDATE registry_server_versions SET description = ''",
        ErrorKind::CheckViolation,
    )
    .await;
    refused(
        "INSERT INTO registry_servers (name) VALUES ('bad name')",
        ErrorKind::CheckViolation,
    )
    .await;
    refused(
        "UPDATE registry_server_versions SET name = 'a/c'",
        ErrorKind::ForeignKeyViolation,
    )
    .await;
}

#[tokio::test]
async fn every_valid_case_is_imported_and_every_invalid_one_refused() {
    let (Some(valid), Some(invalid)) = (case("examples/valid"), case("examples/invalid")) else {
        return;
    };
    let db = registry().await;
    for path in underpin_stores::registry::files(&valid).unwrap() {
        let text = std::fs::read_to_string(&path).unwrap();
        let report = imported(db.database(), &text).await;
        assert_eq!(report.imported, 1, "{}: {report:#?}", path.display());
    }
    for path in underpin_stores::registry::files(&invalid).unwrap() {
        let report = check(&Source::from_file(&path));
        assert_eq!(report.rejected, 1, "{}", path.display());
        assert_eq!(
            report.problems[0].faults.len(),
            1,
            "one fault is enough: {report:#?}"
        );
    }
}
