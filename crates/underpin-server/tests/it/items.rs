//! `/api/v1/registry/…`: the registry's own view.

use crate::support::{Service, document, migrated, publish_all};
use serde_json::json;

#[tokio::test]
async fn an_item_is_a_server_seen_through_its_latest_version() {
    let database = migrated().await;
    let remote = r#"{"name":"com.example/remote","title":"Remote","description":"Far away","version":"2.0.0",
                     "remotes":[{"type":"streamable-http","url":"https://example.com:8443/mcp"}]}"#;
    publish_all(
        database.database(),
        [
            document("com.example/remote", "1.0.0"),
            String::from(remote),
        ],
    )
    .await;
    let service = Service::on(database.database().clone()).await;
    for target in ["com.example%2Fremote", "com.example/remote"] {
        let item = service
            .client
            .get(&format!("/api/v1/registry/items/{target}"))
            .await
            .json();
        let said = |field: &str| item[field].clone();
        assert_eq!(
            [said("name"), said("display_name"), said("version")],
            [json!("com.example/remote"), json!("Remote"), json!("2.0.0")]
        );
        assert_eq!(
            [said("protocol"), said("status"), said("port")],
            [json!("http"), json!("unknown"), json!(8443)]
        );
        assert!(said("created_at").is_string() && said("id").as_str().unwrap().len() == 36);
    }
    service
        .client
        .get("/api/v1/registry/items/com.example%2Fnone")
        .await
        .problem(404);
    service
        .client
        .get("/api/v1/registry/items/none")
        .await
        .problem(404);
}

#[tokio::test]
async fn items_come_in_pages() {
    let database = migrated().await;
    publish_all(
        database.database(),
        (0..5).map(|n| document(&format!("com.example/s{n}"), "1.0.0")),
    )
    .await;
    let service = Service::on(database.database().clone()).await;
    let first = service
        .client
        .get("/api/v1/registry/items?limit=3&search=S")
        .await
        .json();
    assert_eq!(
        (&first["count"], first["items"].as_array().unwrap().len()),
        (&json!(3), 3)
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = service
        .client
        .get(&format!("/api/v1/registry/items?limit=3&cursor={cursor}"))
        .await
        .json();
    assert_eq!(
        (&second["count"], &second["next_cursor"]),
        (&json!(2), &json!(null))
    );
    assert_eq!(second["items"][1]["name"], "com.example/s4");
    assert_eq!(
        service
            .client
            .get("/api/v1/registry/statistics")
            .await
            .json(),
        json!({ "servers": 5 })
    );
}

#[tokio::test]
async fn a_malformed_parameter_is_a_400() {
    let database = migrated().await;
    let service = Service::on(database.database().clone()).await;
    for query in ["limit=-1", "limit=x", "cursor=forged"] {
        let detail = service
            .client
            .get(&format!("/api/v1/registry/items?{query}"))
            .await
            .problem(400);
        assert!(
            detail.contains(query.split('=').next().unwrap()),
            "{detail}"
        );
    }
}
