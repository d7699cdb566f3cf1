//! One server: its versions, one of them, none of them.

use crate::support::{imported, published, registry};
use serde_json::json;
use underpin_core::ErrorKind;
use underpin_pool::Database;
use underpin_stores::registry::{
    ListQuery, ListRequest, PAGE_BYTES_MAX, ServerVersion, Status, VersionsRequest, get, list,
    versions as page,
};

/// The first page.
async fn versions(
    db: &Database,
    name: &str,
    include_deleted: bool,
) -> Result<Vec<ServerVersion>, underpin_stores::Error> {
    let request = VersionsRequest {
        include_deleted: Some(include_deleted),
        ..VersionsRequest::default()
    };
    Ok(page(db, name, request).await?.entries)
}

/// All pages, each within the bounds.
async fn walk(db: &Database, name: &str, request: VersionsRequest) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let request = VersionsRequest {
            cursor,
            ..request.clone()
        };
        let page = page(db, name, request).await.unwrap();
        let bytes: usize = page
            .entries
            .iter()
            .map(|entry| entry.document.get().len())
            .sum();
        assert!(bytes < PAGE_BYTES_MAX + 1024 * 1024, "{bytes}");
        found.extend(page.entries.into_iter().map(|entry| entry.version));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

#[tokio::test]
async fn a_walk_over_the_pages_of_versions_shows_each_once_newest_first() {
    let db = registry().await;
    let db = db.database();
    // Those of one import have one time.
    let text = json!((0..250).map(|number| json!({ "name": "a/b", "version": format!("{number}.0.0"), "description": "x" })).collect::<Vec<_>>());
    assert_eq!(imported(db, &text.to_string()).await.imported, 250);
    let all: Vec<String> = (0..250)
        .rev()
        .map(|number| format!("{number}.0.0"))
        .collect();
    for limit in [None, Some(1), Some(7), Some(100)] {
        let request = VersionsRequest {
            limit,
            ..VersionsRequest::default()
        };
        assert_eq!(walk(db, "a/b", request).await, all, "{limit:?}");
    }
    for limit in [0, 101, -1] {
        let request = VersionsRequest {
            limit: Some(limit),
            ..VersionsRequest::default()
        };
        let error = page(db, "a/b", request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{limit}");
    }
}

#[tokio::test]
async fn a_page_of_large_documents_ends_by_their_bytes() {
    let db = registry().await;
    let db = db.database();
    let filler = "x".repeat(1_000_000);
    for number in 0..12 {
        let text = json!({ "name": "a/b", "version": format!("{number}.0.0"), "description": "x", "filler": filler });
        assert_eq!(imported(db, &text.to_string()).await.imported, 1);
    }
    let all: Vec<String> = (0..12)
        .rev()
        .map(|number| format!("{number}.0.0"))
        .collect();
    assert_eq!(walk(db, "a/b", VersionsRequest::default()).await, all);
    let mut listed = Vec::new();
    let mut cursor = None;
    loop {
        let request = ListRequest {
            cursor,
            limit: Some(100),
            ..ListRequest::default()
        };
        let page = list(db, &ListQuery::new(request).unwrap()).await.unwrap();
        let bytes: usize = page
            .entries
            .iter()
            .map(|entry| entry.document.get().len())
            .sum();
        assert!(bytes < PAGE_BYTES_MAX + 1024 * 1024, "{bytes}");
        listed.extend(page.entries.into_iter().map(|entry| entry.version));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let mut sorted = all;
    sorted.sort();
    assert_eq!(listed, sorted);
}

#[tokio::test]
async fn a_cursor_of_versions_belongs_to_its_server_and_filter() {
    let db = registry().await;
    let db = db.database();
    for version in ["1.0.0", "2.0.0"] {
        published(db, "a/b", version).await;
        published(db, "a/c", version).await;
    }
    let first = VersionsRequest {
        limit: Some(1),
        ..VersionsRequest::default()
    };
    let cursor = page(db, "a/b", first).await.unwrap().next_cursor;
    let refused = async |name: &str, include_deleted| {
        let request = VersionsRequest {
            cursor: cursor.clone(),
            limit: None,
            include_deleted,
        };
        page(db, name, request).await.unwrap_err().kind()
    };
    assert_eq!(refused("a/c", None).await, ErrorKind::InvalidInput);
    assert_eq!(refused("a/b", Some(true)).await, ErrorKind::InvalidInput);
    let next = VersionsRequest {
        cursor: cursor.clone(),
        ..VersionsRequest::default()
    };
    assert_eq!(
        page(db, "a/b", next).await.unwrap().entries[0].version,
        "1.0.0"
    );
    let list = ListQuery::new(ListRequest {
        cursor,
        ..ListRequest::default()
    });
    assert_eq!(list.unwrap_err().kind(), ErrorKind::InvalidInput);
}

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
