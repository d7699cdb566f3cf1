//! `GET /v0.1/servers/{name}/versions…`: rules 2, 4 and 11 of the read API.

use crate::support::{Service, delete, document, migrated, publish_all};
use hyper::Method;
use serde_json::Value;

fn versions(list: &Value) -> Vec<&str> {
    list["servers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["server"]["version"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_versions_of_a_server_are_listed_newest_first() {
    let database = migrated().await;
    publish_all(
        database.database(),
        ["1.0.0", "2.0.0", "1.0.1"].map(|version| document("com.example/a", version)),
    )
    .await;
    publish_all(database.database(), [document("com.example/b", "9.0.0")]).await;
    let service = Service::on(database.database().clone()).await;
    for target in ["com.example%2Fa", "com.example%2fa", "com.example/a"] {
        let list = service
            .client
            .get(&format!("/v0.1/servers/{target}/versions"))
            .await
            .json();
        assert_eq!(versions(&list), ["1.0.1", "2.0.0", "1.0.0"], "{target}");
        assert_eq!(list["metadata"]["count"], 3);
    }
}

#[tokio::test]
async fn versions_come_in_pages_to_those_who_ask_and_where_they_are_too_many() {
    let database = migrated().await;
    publish_all(
        database.database(),
        ["1.0.0", "2.0.0", "3.0.0"].map(|version| document("com.example/a", version)),
    )
    .await;
    let service = Service::on(database.database().clone()).await;
    let base = "/v0.1/servers/com.example%2Fa/versions";
    let mut found = Vec::new();
    let mut target = format!("{base}?limit=1");
    loop {
        let page = service.client.get(&target).await.json();
        assert_eq!(page["metadata"]["count"], 1);
        found.push(String::from(versions(&page)[0]));
        let Some(cursor) = page["metadata"]["nextCursor"].as_str() else {
            break;
        };
        target = format!("{base}?limit=1&cursor={cursor}");
    }
    assert_eq!(found, ["3.0.0", "2.0.0", "1.0.0"]);
    for query in [
        "limit=0",
        "limit=101",
        "cursor=forged",
        "include_deleted=perhaps",
    ] {
        service
            .client
            .get(&format!("{base}?{query}"))
            .await
            .problem(400);
    }
}

#[tokio::test]
async fn one_version_is_found_by_name_and_version_however_they_are_encoded() {
    let database = migrated().await;
    publish_all(
        database.database(),
        ["1.0.0", "1.0.0+2013", "2.0.0-rc.1"]
            .map(|version| document("com.example/a_b.c-d", version)),
    )
    .await;
    let service = Service::on(database.database().clone()).await;
    for (target, version) in [
        ("com.example%2Fa_b.c-d/versions/1.0.0", "1.0.0"),
        ("com.example%2Fa_b.c-d/versions/1.0.0%2B2013", "1.0.0+2013"),
        ("com.example%2Fa_b.c-d/versions/1.0.0+2013", "1.0.0+2013"),
        ("com.example/a_b.c-d/versions/2.0.0-rc.1", "2.0.0-rc.1"),
        (
            "com%2Eexample%2Fa_b.c-d/versions/2%2E0.0-rc.1",
            "2.0.0-rc.1",
        ),
    ] {
        let answer = service.client.get(&format!("/v0.1/servers/{target}")).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        assert_eq!(answer.json()["server"]["version"], version, "{target}");
    }
}

#[tokio::test]
async fn latest_is_the_version_that_is_marked_so() {
    let database = migrated().await;
    publish_all(
        database.database(),
        ["1.0.0", "2.0.0-beta", "1.5.0"].map(|version| document("com.example/a", version)),
    )
    .await;
    let service = Service::on(database.database().clone()).await;
    let latest = service
        .client
        .get("/v0.1/servers/com.example%2Fa/versions/latest")
        .await
        .json();
    assert_eq!(latest["server"]["version"], "2.0.0-beta");
    assert_eq!(
        latest["_meta"]["io.modelcontextprotocol.registry/official"]["isLatest"],
        true
    );
    let older = service
        .client
        .get("/v0.1/servers/com.example%2Fa/versions/1.0.0")
        .await
        .json();
    assert_eq!(
        older["_meta"]["io.modelcontextprotocol.registry/official"]["isLatest"],
        false
    );
}

#[tokio::test]
async fn what_does_not_exist_is_a_404_with_an_error_text() {
    let database = migrated().await;
    publish_all(database.database(), [document("com.example/a", "1.0.0")]).await;
    let service = Service::on(database.database().clone()).await;
    for target in [
        "com.example%2Fnone/versions",
        "com.example%2Fnone/versions/latest",
        "com.example%2Fa/versions/9.9.9",
        "no-slash/versions",
        "no-slash/versions/latest",
        "two%2Fslashes%2Fhere/versions",
        "com.example%2F%F0%9F%98%80/versions/latest",
        "%22%27;DROP%20TABLE%20registry_servers/versions/latest",
    ] {
        let answer = service.client.get(&format!("/v0.1/servers/{target}")).await;
        answer.problem(404);
        assert_eq!(answer.json()["error"], "server not found", "{target}");
    }
    service
        .client
        .get(&format!(
            "/v0.1/servers/com.example%2F{}/versions/latest",
            "x".repeat(10_000)
        ))
        .await
        .problem(404);
}

#[tokio::test]
async fn a_deleted_version_is_there_only_for_those_who_ask() {
    let database = migrated().await;
    publish_all(
        database.database(),
        ["1.0.0", "1.1.0"].map(|version| document("com.example/a", version)),
    )
    .await;
    delete(database.database(), "com.example/a", "1.0.0").await;
    let service = Service::on(database.database().clone()).await;
    let base = "/v0.1/servers/com.example%2Fa/versions";
    assert_eq!(versions(&service.client.get(base).await.json()), ["1.1.0"]);
    service
        .client
        .get(&format!("{base}/1.0.0"))
        .await
        .problem(404);
    let list = service
        .client
        .get(&format!("{base}?include_deleted=true"))
        .await
        .json();
    assert_eq!(versions(&list), ["1.1.0", "1.0.0"]);
    assert_eq!(
        service
            .client
            .get(&format!("{base}/1.0.0?include_deleted=true"))
            .await
            .status,
        200
    );
    service
        .client
        .get(&format!("{base}/1.0.0?include_deleted=perhaps"))
        .await
        .problem(400);
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body() {
    let database = migrated().await;
    publish_all(database.database(), [document("com.example/a", "1.0.0")]).await;
    let service = Service::on(database.database().clone()).await;
    let answer = service
        .client
        .send(
            Method::HEAD,
            "/v0.1/servers/com.example%2Fa/versions/latest",
            &[],
            "",
        )
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}
