//! What is exported imports back without a change.

use crate::support::{imported, registry};
use serde_json::{Value, json};
use underpin_stores::registry::{Format, export, seed_examples};

async fn exported(db: &underpin_pool::Database, format: Format) -> String {
    let mut output = Vec::new();
    export(db, format, &mut output).await.unwrap();
    String::from_utf8(output).unwrap()
}

#[tokio::test]
async fn an_export_imports_back_unchanged() {
    let db = registry().await;
    let db = db.database();
    seed_examples(db).await.unwrap();
    for format in [Format::V01, Format::Documents] {
        let text = exported(db, format).await;
        let report = imported(db, &text).await;
        assert_eq!((report.read, report.unchanged), (6, 6), "{format:?}");
    }
}

#[tokio::test]
async fn an_export_carries_the_registry_to_another_database() {
    let (from, to) = (registry().await, registry().await);
    seed_examples(from.database()).await.unwrap();
    let deleted = json!({ "server": { "name": "a/gone", "version": "1.0.0", "description": "x" }, "_meta": {
        "io.modelcontextprotocol.registry/official": { "status": "deleted", "statusMessage": "why" } } });
    imported(from.database(), &deleted.to_string()).await;
    let text = exported(from.database(), Format::V01).await;
    assert_eq!(imported(to.database(), &text).await.imported, 7);
    let state = |text: String| {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        for entry in value["servers"].as_array_mut().unwrap() {
            let official = &mut entry["_meta"]["io.modelcontextprotocol.registry/official"];
            official.as_object_mut().unwrap().remove("updatedAt");
        }
        value
    };
    assert_eq!(
        state(exported(to.database(), Format::V01).await),
        state(text)
    );
    assert_eq!(
        serde_json::from_str::<Vec<Value>>(&exported(to.database(), Format::Documents).await)
            .unwrap()
            .len(),
        6
    );
}

#[tokio::test]
async fn an_empty_registry_exports_an_empty_list() {
    let db = registry().await;
    assert_eq!(
        exported(db.database(), Format::V01).await,
        "{\"servers\":[],\"metadata\":{\"count\":0}}\n"
    );
    assert_eq!(
        imported(
            db.database(),
            &exported(db.database(), Format::Documents).await
        )
        .await
        .read,
        0
    );
}
