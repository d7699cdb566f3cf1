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

/// Makes the database refuse the rows of one server.
async fn refuse(db: &underpin_pool::Database, name: &str, sqlstate: &str) {
    let sql = format!(
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF NEW.name = '{name}' THEN RAISE EXCEPTION 'no room for it' USING ERRCODE = '{sqlstate}'; END IF; \
           RETURN NEW; END $$; \
         CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON registry_server_versions FOR EACH ROW EXECUTE FUNCTION refuse()"
    );
    db.batch(&sql).await.unwrap();
}

#[tokio::test]
async fn a_document_that_the_database_refuses_is_named_and_the_others_are_stored() {
    let db = registry().await;
    let db = db.database();
    for (round, sqlstate) in ["22P05", "23514", "P0001", "54000", "XX000"]
        .iter()
        .enumerate()
    {
        refuse(db, "a/s7", sqlstate).await;
        let servers =
            (0..20).map(|number| server(&format!("a/s{number}"), &format!("{round}.0.0")));
        let report = imported(db, &Value::from_iter(servers).to_string()).await;
        assert_eq!(
            (report.read, report.imported, report.rejected),
            (20, 19, 1),
            "{sqlstate}: {report:?}"
        );
        let problem = &report.problems[0];
        assert_eq!(
            (problem.name.as_deref(), problem.index),
            (Some("a/s7"), Some(7))
        );
        assert_eq!(problem.faults[0].rule, "database");
        let message = &problem.faults[0].message;
        assert!(
            message.contains(sqlstate) && message.contains("no room"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn what_is_not_about_a_document_ends_the_import_and_stores_nothing_of_its_transaction() {
    let db = registry().await;
    let db = db.database();
    // As a full disk says it.
    refuse(db, "a/s7", "53100").await;
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
async fn a_key_that_appears_twice_is_refused_wherever_it_stands() {
    let db = registry().await;
    let good = r#"{"name":"a/good","version":"1.0.0","description":"x"}"#;
    let meta =
        r#"{"io.modelcontextprotocol.registry/official":{"status":"active","status":"deleted"}}"#;
    let hidden = r#"{"name":"a/b","version":"1.0.0","description":"x","k":"a\u0000","k":"c"}"#;
    let text = format!(
        r#"[{hidden},{{"server":{good},"_meta":{meta}}},{{"server":{hidden},"server":{good}}},{good}]"#
    );
    let report = imported(db.database(), &text).await;
    assert_eq!((report.read, report.imported, report.rejected), (4, 1, 3));
    let found: Vec<_> = report
        .problems
        .iter()
        .map(|problem| (problem.faults[0].rule, problem.faults[0].pointer.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("nul", "/k"),
            (
                "duplicate-key",
                "/_meta/io.modelcontextprotocol.registry~1official/status"
            ),
            ("duplicate-key", "/server"),
        ]
    );
}

#[tokio::test]
async fn bytes_that_are_no_text_spoil_the_document_they_are_in_and_no_other() {
    let db = registry().await;
    let mut bytes = b"[\n".to_vec();
    for number in 0..3 {
        let server = server(&format!("a/s{number}"), "1.0.0").to_string();
        bytes.extend_from_slice(server.as_bytes());
        bytes.extend_from_slice(b",\n");
    }
    bytes.extend_from_slice(
        b"{\"name\":\"a/bad\",\"version\":\"1.0.0\",\"description\":\"\xff\"},\n",
    );
    bytes.extend_from_slice(server("a/s3", "1.0.0").to_string().as_bytes());
    bytes.extend_from_slice(b"]");
    let mut importer = Importer::new(db.database());
    importer
        .add(&Source::from_bytes("x", bytes.clone()))
        .await
        .unwrap();
    let report = importer.finish().await.unwrap();
    assert_eq!((report.read, report.imported, report.rejected), (5, 4, 1));
    let problem = &report.problems[0];
    assert_eq!((problem.index, problem.line), (Some(3), Some(5)));
    assert_eq!(problem.faults[0].rule, "utf-8");
    assert!(problem.faults[0].message.ends_with("line 5"), "{problem:?}");
    // Between the documents, nobody knows whose they are.
    bytes.insert(1, 0xff);
    let report = underpin_stores::registry::check(&Source::from_bytes("x", bytes));
    assert_eq!((report.read, report.rejected), (1, 1));
}

#[tokio::test]
async fn a_time_that_the_database_cannot_hold_is_refused() {
    let db = registry().await;
    let text = json!({ "server": server("a/a", "1.0.0"), "_meta": {
        "io.modelcontextprotocol.registry/official": { "publishedAt": "-005000-01-01T00:00:00Z" } } });
    let report = imported(db.database(), &text.to_string()).await;
    assert_eq!(report.problems[0].faults[0].rule, "date-time");
}

#[tokio::test]
async fn one_page_of_a_list_says_that_there_is_more() {
    let db = registry().await;
    let text = json!({ "servers": [{ "server": server("a/a", "1.0.0") }], "metadata": { "count": 1, "nextCursor": "abc" } });
    let report = imported(db.database(), &text.to_string()).await;
    assert_eq!((report.read, report.imported), (1, 1));
    assert_eq!(report.problems[0].verdict, Verdict::Noted);
    let fault = &report.problems[0].faults[0];
    assert_eq!(
        (fault.rule, fault.pointer.as_str()),
        ("one-page", "/metadata/nextCursor")
    );
    assert!(fault.message.contains("cursor=abc"), "{fault}");
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
