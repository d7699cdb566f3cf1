//! Rule 14: any web page may read `/v0.1`, errors included; elsewhere only the configured origins.

use crate::support::{Answer, Service, nowhere};
use axum::Router;
use hyper::Method;

fn is_open(answer: &Answer) -> bool {
    answer.header("access-control-allow-origin") == Some("*")
        && answer.header("access-control-allow-methods") == Some("GET, OPTIONS")
        && answer.header("access-control-allow-headers") == Some("Authorization, Content-Type")
}

#[tokio::test]
async fn every_answer_of_the_read_api_is_open_to_any_page() {
    let service = Service::without_database().await;
    for target in [
        "/v0.1/servers",
        "/v0.1/servers?limit=-1",
        "/v0.1/servers/com.example%2Fa/versions",
        "/v0.1/servers/com.example%2Fa/versions/latest",
        "/v0.1/servers/%00/versions/latest",
        "/v0.1/nothing",
    ] {
        let answer = service.client.get(target).await;
        assert!(is_open(&answer), "GET {target}: {:?}", answer.headers);
        let answer = service.client.send(Method::OPTIONS, target, &[], "").await;
        assert!(
            is_open(&answer) && answer.status == 204,
            "OPTIONS {target}: {answer:?}"
        );
        let answer = service
            .client
            .send(
                Method::POST,
                target,
                &[("origin", "https://example.com")],
                "",
            )
            .await;
        assert!(is_open(&answer), "POST {target}: {:?}", answer.headers);
    }
}

#[tokio::test]
async fn elsewhere_only_the_configured_origins_are_allowed() {
    let own = "https://console.example.com";
    let service = Service::with(
        nowhere(),
        |settings| settings.allowed_origins.push(String::from(own)),
        Router::new(),
    )
    .await;
    let check = async |origin: &str, allowed: Option<&str>| {
        for target in ["/livez", "/api/v1/registry/items", "/v0.1x"] {
            let answer = service
                .client
                .send(Method::GET, target, &[("origin", origin)], "")
                .await;
            assert_eq!(
                answer.header("access-control-allow-origin"),
                allowed,
                "{target}"
            );
        }
    };
    check(own, Some(own)).await;
    check("https://evil.example.com", None).await;
}

#[tokio::test]
async fn without_configured_origins_nothing_is_allowed_elsewhere() {
    let service = Service::without_database().await;
    let answer = service
        .client
        .send(
            Method::GET,
            "/livez",
            &[("origin", "https://example.com")],
            "",
        )
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("vary"), None);
}
