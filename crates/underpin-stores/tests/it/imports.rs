//! Imports: every form, every kind of trouble.

use crate::support::{imported, registry};
use serde_json::{Value, json};
use underpin_stores::registry::{Importer, Source, Verdict, count, get, seed_examples};

fn server(name: &str, version: &str) -> Value {
    json!({ "name": name, "version": version, "description": "x" })
}

#[tokio::test]
async fn bad_documents_are_reported_by_place_and_the_rest_is_stored() {
    let db = registry().await;
    let text = format!(
        "[\n{},\n{{\"name\": \"bad name\", \"version\": \"1.0.0\", \"description\": \"x\"}},\n7,\n{}\n]",
        server("a/a", "1.0.0"),
        server("a/b", "^1.0")
    );
    let report = imported(db.database(), &text).await;
    assert_eq!((report.read, report.imported, report.rejected), (4, 1, 3));
    let found: Vec<_> = report
        .problems
        .iter()
        .map(|problem| {
            (
                problem.index,
                problem.line,
                problem.faults[0].field.as_str(),
                problem.faults[0].rule,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (Some(1), Some(3), "name", "pattern"),
            (Some(2), Some(4), "", "type"),
            (Some(3), Some(5), "version", "version-range"),
        ]
    );
    assert_eq!(report.problems[0].name.as_deref(), Some("bad name"));
}

#[tokio::test]
async fn importing_again_changes_nothing_and_says_so() {
    let db = registry().await;
    let text = Value::from(vec![
        server("a/a", "1.0.0"),
        server("a/a", "1.1.0"),
        server("a/b", "1.0.0"),
    ]);
    let first = imported(db.database(), &text.to_string()).await;
    assert_eq!((first.imported, first.unchanged), (3, 0));
    let before = snapshot(db.database()).await;
    let again = imported(db.database(), &format!("{text:#}")).await;
    assert_eq!((again.imported, again.updated, again.unchanged), (0, 0, 3));
    assert_eq!(snapshot(db.database()).await, before);
}

async fn snapshot(db: &underpin_pool::Database) -> Vec<String> {
    let sql = "SELECT v::text FROM registry_server_versions AS v UNION ALL SELECT s::text FROM registry_servers AS s ORDER BY 1";
    db.query(sql, &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0).unwrap())
        .collect()
}

#[tokio::test]
async fn other_content_under_a_known_version_is_a_conflict() {
    let db = registry().await;
    let mut other = server("a/a", "1.0.0");
    other["description"] = json!("other");
    let text = Value::from(vec![server("a/a", "1.0.0"), other, server("a/a", "1.0.0")]);
    let report = imported(db.database(), &text.to_string()).await;
    assert_eq!(
        (report.imported, report.conflicts, report.unchanged),
        (1, 1, 1)
    );
    assert_eq!(report.problems[0].verdict, Verdict::Conflict);
    assert_eq!(report.problems[0].index, Some(1));
    assert_eq!(
        get(db.database(), "a/a", "1.0.0", false)
            .await
            .unwrap()
            .description,
        "x"
    );
}

#[tokio::test]
async fn more_than_one_batch_is_stored() {
    let db = registry().await;
    let text = Value::from_iter((0..1_203).map(|number| server(&format!("a/s{number}"), "1.0.0")));
    assert_eq!(
        imported(db.database(), &text.to_string()).await.imported,
        1_203
    );
    assert_eq!(count(db.database()).await.unwrap(), 1_203);
}

#[tokio::test]
async fn a_batch_that_fails_stores_nothing_of_itself() {
    let db = registry().await;
    let db = db.database();
    // The database refuses one document of the batch, as a full disk would refuse some.
    db.batch("ALTER TABLE registry_server_versions ADD CONSTRAINT no_s7 CHECK (name <> 'a/s7')")
        .await
        .unwrap();
    let text = Value::from_iter((0..10).map(|number| server(&format!("a/s{number}"), "1.0.0")));
    let mut importer = Importer::new(db);
    importer
        .add(&Source::from_bytes("x", text.to_string().into_bytes()))
        .await
        .unwrap();
    let error = importer.finish().await.unwrap_err();
    assert!(
        error.hint().unwrap().contains("run the import again"),
        "{error:?}"
    );
    assert!(snapshot(db).await.is_empty());
}

#[tokio::test]
async fn texts_that_are_no_documents_are_refused_clearly() {
    let db = registry().await;
    let check = async |bytes: &[u8], expected: &str| {
        let mut importer = Importer::new(db.database());
        importer
            .add(&Source::from_bytes("x", bytes.to_vec()))
            .await
            .unwrap();
        let report = importer.finish().await.unwrap();
        assert_eq!((report.read, report.rejected), (1, 1));
        assert_eq!(report.problems[0].faults[0].to_string(), expected);
    };
    check(
        b"{\"name\": ",
        "malformed JSON at line 1 column 9: EOF while parsing a value (json)",
    )
    .await;
    check(b"\xff\xfe{", "invalid UTF-8 at byte 0, line 1 (utf-8)").await;
    check(b"\"x\"", "expected a server.json, an array of them, or a registry's answer {\"servers\": [\u{2026}]} (form)").await;
    check(
        b"",
        "malformed JSON at line 1 column 0: EOF while parsing a value (json)",
    )
    .await;
}

#[tokio::test]
async fn a_converted_document_keeps_its_original_and_exports_back_unchanged() {
    let db = registry().await;
    let old = r#"[{"id":"1","name":"a/old","description":"","version_detail":{"version":"0.0.1","is_latest":true}}]"#;
    let report = imported(db.database(), old).await;
    assert_eq!((report.imported, report.repaired), (1, 1));
    assert_eq!(report.problems[0].verdict, Verdict::Repaired);
    let sql = "SELECT original FROM registry_server_versions";
    let original: String = db
        .database()
        .query_one(sql, &[])
        .await
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(format!("[{original}]"), old);
    let again = imported(db.database(), old).await;
    assert_eq!(
        (again.unchanged, again.repaired, again.problems.len()),
        (1, 0, 0)
    );
    let converted = get(db.database(), "a/old", "latest", false).await.unwrap();
    assert_eq!(
        imported(db.database(), converted.document.get())
            .await
            .unchanged,
        1
    );
}

#[tokio::test]
async fn a_wrong_status_is_refused_rather_than_guessed() {
    let db = registry().await;
    let text = json!({ "server": server("a/a", "1.0.0"), "_meta": {
        "io.modelcontextprotocol.registry/official": { "status": "gone", "publishedAt": "yesterday" } } });
    let report = imported(db.database(), &text.to_string()).await;
    assert_eq!(report.rejected, 1);
    let rules: Vec<&str> = report.problems[0]
        .faults
        .iter()
        .map(|fault| fault.rule)
        .collect();
    assert_eq!(rules, ["enum", "date-time"]);
}

#[tokio::test]
async fn examples_fill_an_empty_registry_once() {
    let db = registry().await;
    assert_eq!(seed_examples(db.database()).await.unwrap(), 6);
    assert_eq!(seed_examples(db.database()).await.unwrap(), 0);
    assert_eq!(
        crate::support::latest(db.database(), "com.example/clock").await,
        "1.1.0"
    );
}
