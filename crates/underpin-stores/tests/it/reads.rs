//! One server: its versions, one of them, none of them.

use crate::support::{imported, published, registry};
use serde_json::json;
use underpin_core::ErrorKind;
use underpin_stores::registry::{Status, get, versions};

#[tokio::test]
async fn versions_are_listed_newest_first() {
    let db = registry().await;
    for version in ["1.0.0", "3.0.0", "2.0.0"] {
        published(db.database(), "a/b", version).await;
    }
    let found = versions(db.database(), "a/b", false).await.unwrap();
    let found: Vec<&str> = found.iter().map(|server| server.version.as_str()).collect();
    assert_eq!(found, ["2.0.0", "3.0.0", "1.0.0"]);
}

#[tokio::test]
async fn a_version_is_found_exactly_or_as_the_latest() {
    let db = registry().await;
    published(db.database(), "a/b", "1.0.0+2013").await;
    published(db.database(), "a/b", "2025-06-18").await;
    let found = async |version: &str| get(db.database(), "a/b", version, false).await;
    assert!(!found("1.0.0+2013").await.unwrap().is_latest);
    assert_eq!(found("latest").await.unwrap().version, "2025-06-18");
    for missing in [
        "1.0.0",
        "LATEST",
        "",
        "1.0.0 2013",
        "1.0.0\0",
        &"1".repeat(10_000),
    ] {
        assert_eq!(
            found(missing).await.unwrap_err().kind(),
            ErrorKind::NotFound,
            "{missing:?}"
        );
    }
}

#[tokio::test]
async fn names_that_cannot_be_are_not_found() {
    let db = registry().await;
    for name in [
        "a/b",
        "",
        "a",
        "\0",
        "a/b\0",
        "a/b/c",
        "a/%",
        "ä/b",
        &"a/".repeat(5_000),
    ] {
        let missing = versions(db.database(), name, true).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound, "{name:?}");
        let missing = get(db.database(), name, "latest", true).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound, "{name:?}");
    }
}

#[tokio::test]
async fn deleted_versions_are_shown_to_those_who_ask() {
    let db = registry().await;
    let db = db.database();
    let entry = |version: &str, status: &str| {
        json!({
            "server": { "name": "a/b", "version": version, "description": "x" },
            "_meta": { "io.modelcontextprotocol.registry/official": {
                "status": status, "statusMessage": "because", "publishedAt": "2025-01-01T00:00:00Z",
                "statusChangedAt": "2025-02-01T00:00:00.123456Z", "isLatest": version == "2.0.0"
            } }
        })
    };
    let text =
        json!({ "servers": [entry("1.0.0", "deprecated"), entry("2.0.0", "deleted")] }).to_string();
    assert_eq!(imported(db, &text).await.imported, 2);
    // The latest version that is not deleted takes the place, whatever the source marked.
    let latest = get(db, "a/b", "latest", false).await.unwrap();
    assert_eq!(
        (latest.version.as_str(), latest.status),
        ("1.0.0", Status::Deprecated)
    );
    assert_eq!(latest.status_message.as_deref(), Some("because"));
    assert_eq!(latest.published_at, "2025-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(
        latest.status_changed_at,
        "2025-02-01T00:00:00.123456Z".parse().unwrap()
    );
    assert_eq!(versions(db, "a/b", false).await.unwrap().len(), 1);
    assert_eq!(versions(db, "a/b", true).await.unwrap().len(), 2);
    assert_eq!(
        get(db, "a/b", "2.0.0", false).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(
        get(db, "a/b", "2.0.0", true).await.unwrap().status,
        Status::Deleted
    );
}
