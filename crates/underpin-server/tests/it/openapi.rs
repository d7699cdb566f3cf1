//! The OpenAPI document says what is there, all of it and nothing else.

use crate::support::Service;
use hyper::Method;
use serde_json::Value;
use std::collections::BTreeSet;

/// What the service is meant to offer; a new route is added here, too.
const ROUTES: [&str; 13] = [
    "/",
    "/api/v1/registry/items",
    "/api/v1/registry/items/{name}",
    "/api/v1/registry/statistics",
    "/docs",
    "/health",
    "/livez",
    "/metrics",
    "/openapi.json",
    "/readyz",
    "/v0.1/servers",
    "/v0.1/servers/{serverName}/versions",
    "/v0.1/servers/{serverName}/versions/{version}",
];

fn document() -> Value {
    serde_json::from_str(underpin_server::openapi()).unwrap()
}

#[tokio::test]
async fn every_route_in_the_document_is_served_and_every_route_is_in_it() {
    let service = Service::without_database().await;
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let documented: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = ROUTES.into_iter().collect();
    assert_eq!(documented, expected);
    for (path, item) in paths {
        let target = path
            .replace("{serverName}", "com.example%2Fa")
            .replace("{name}", "com.example%2Fa")
            .replace("{version}", "latest");
        for method in item.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = service.client.send(method.clone(), &target, &[], "").await;
            assert!(
                ![404, 405].contains(&answer.status),
                "{method} {path}: {}",
                answer.status
            );
            let described = item[method.as_str().to_lowercase()]["responses"]
                .as_object()
                .unwrap();
            assert!(
                described.contains_key(&answer.status.to_string()),
                "{method} {path} answers {}",
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn an_address_that_is_no_text_is_a_documented_400_everywhere() {
    let service = Service::without_database().await;
    for (path, item) in document()["paths"].as_object().unwrap() {
        let target = path
            .replace("{serverName}", "com.example%2Fa")
            .replace("{name}", "com.example%2Fa")
            .replace("{version}", "latest");
        service
            .client
            .get(&format!("{target}?a=%ff"))
            .await
            .problem(400);
        let responses = item["get"]["responses"].as_object().unwrap();
        for status in ["400", "default"] {
            let content = &responses[status]["content"];
            assert!(
                content["application/problem+json"].is_object(),
                "{path} {status}"
            );
        }
    }
}

#[tokio::test]
async fn a_cursor_has_the_pattern_that_the_document_gives() {
    let document = document();
    for path in [
        "/v0.1/servers",
        "/v0.1/servers/{serverName}/versions",
        "/api/v1/registry/items",
    ] {
        let parameters = document["paths"][path]["get"]["parameters"]
            .as_array()
            .unwrap();
        let cursor = parameters.iter().find(|it| it["name"] == "cursor").unwrap();
        assert_eq!(cursor["schema"]["pattern"], "^[A-Za-z0-9_-]*$", "{path}");
    }
}

#[tokio::test]
async fn the_served_document_is_the_printed_one() {
    let service = Service::without_database().await;
    let served = service.client.get("/openapi.json").await;
    assert_eq!(
        (served.status, served.header("content-type")),
        (200, Some("application/json"))
    );
    assert_eq!(served.body, underpin_server::openapi());
}

#[test]
fn the_document_is_whole() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap()),
                "{name}: the operation's id is not its own"
            );
            assert!(operation["summary"].is_string(), "{name} has no summary");
            assert!(operation["tags"].is_array(), "{name} has no tag");
            let declared: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let in_path: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
            assert_eq!(declared, in_path, "{name}");
        }
    }
    let text = underpin_server::openapi();
    for reference in text
        .split("\"$ref\": \"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(
            document.pointer(reference).is_some(),
            "{reference} leads nowhere"
        );
    }
}
