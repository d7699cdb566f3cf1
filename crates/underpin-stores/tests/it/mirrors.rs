//! Trap 32: `updated_since` returns tombstones; mirrors converge.

use crate::support::{imported, listed, registry};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use underpin_pool::Database;
use underpin_stores::registry::{ListQuery, ListRequest, list};

fn entry(name: &str, version: &str, status: &str, is_latest: bool) -> Value {
    json!({
        "server": { "name": name, "version": version, "description": "x" },
        "_meta": { "io.modelcontextprotocol.registry/official": { "status": status, "isLatest": is_latest } }
    })
}

async fn import(db: &Database, entries: &[Value]) {
    let report = imported(db, &json!({ "servers": entries }).to_string()).await;
    assert!(report.is_clean(), "{report:?}");
}

/// What a mirror keeps: by name and version, the status and whether it is the latest.
type Mirror = BTreeMap<(String, String), (&'static str, bool)>;

/// Asks for what changed and takes it over; gives the time to ask for next.
async fn sync(db: &Database, mirror: &mut Mirror, since: jiff::Timestamp) -> jiff::Timestamp {
    let mut next = since;
    let mut request = ListRequest {
        updated_since: Some(since),
        limit: Some(2),
        ..ListRequest::default()
    };
    loop {
        let page = list(db, &ListQuery::new(request).unwrap()).await.unwrap();
        for server in page.entries {
            next = next.max(server.updated_at);
            mirror.insert(
                (server.name, server.version),
                (server.status.as_str(), server.is_latest),
            );
        }
        match page.next_cursor {
            Some(cursor) => {
                request = ListRequest {
                    cursor: Some(cursor),
                    limit: Some(2),
                    ..ListRequest::default()
                }
            }
            None => return next,
        }
    }
}

#[tokio::test]
async fn updated_since_returns_tombstones_and_mirrors_converge() {
    let db = registry().await;
    let db = db.database();
    let mut mirror = Mirror::new();
    import(
        db,
        &[
            entry("a/a", "1.0.0", "active", true),
            entry("a/b", "1.0.0", "active", true),
        ],
    )
    .await;
    let since = sync(db, &mut mirror, jiff::Timestamp::UNIX_EPOCH).await;
    // A deletion, a deprecation, and a version that loses its place without being touched itself.
    import(
        db,
        &[
            entry("a/a", "1.0.0", "deleted", true),
            entry("a/b", "2.0.0", "deprecated", true),
        ],
    )
    .await;
    let plain = ListRequest {
        updated_since: Some(since),
        include_deleted: Some(false),
        ..ListRequest::default()
    };
    assert!(
        listed(db, plain).await.contains(&"a/a 1.0.0".to_owned()),
        "deleted servers are always included"
    );
    sync(db, &mut mirror, since).await;
    let expected = [
        (("a/a", "1.0.0"), ("deleted", true)),
        (("a/b", "1.0.0"), ("active", false)),
        (("a/b", "2.0.0"), ("deprecated", true)),
    ];
    let expected: Mirror = expected
        .map(|((name, version), state)| ((name.into(), version.into()), state))
        .into();
    assert_eq!(mirror, expected);
}

#[tokio::test]
async fn deleted_servers_are_listed_only_on_request() {
    let db = registry().await;
    let db = db.database();
    import(
        db,
        &[
            entry("a/a", "1.0.0", "deleted", true),
            entry("a/b", "1.0.0", "deprecated", true),
        ],
    )
    .await;
    assert_eq!(listed(db, ListRequest::default()).await, ["a/b 1.0.0"]);
    let all = ListRequest {
        include_deleted: Some(true),
        ..ListRequest::default()
    };
    assert_eq!(listed(db, all).await.len(), 2);
    let latest = ListRequest {
        version: Some("latest".into()),
        ..ListRequest::default()
    };
    assert_eq!(listed(db, latest).await, ["a/b 1.0.0"]);
}
