//! `X-Request-Id` in and out.

use crate::support::Service;
use hyper::Method;
use std::collections::HashSet;

#[tokio::test]
async fn a_request_without_an_id_gets_one_of_its_own() {
    let service = Service::without_database().await;
    let mut seen = HashSet::new();
    for target in [
        "/livez",
        "/nothing",
        "/docs",
        "/v0.1/servers?limit=-1",
        "/x%00",
    ] {
        let answer = service.client.get(target).await;
        let id = answer
            .header("x-request-id")
            .unwrap_or_else(|| panic!("{target} has no id"));
        assert!(seen.insert(String::from(id)));
    }
}

#[tokio::test]
async fn a_harmless_id_comes_back_and_another_is_replaced() {
    let service = Service::without_database().await;
    let check = async |sent: &str, kept: bool| {
        let answer = service
            .client
            .send(Method::GET, "/nothing", &[("x-request-id", sent)], "")
            .await;
        assert_eq!(answer.header("x-request-id") == Some(sent), kept, "{sent}");
    };
    check("order-4711_a.b:c", true).await;
    check(&"a".repeat(128), true).await;
    check(&"a".repeat(129), false).await;
    check("a b", false).await;
    check("a\tb", false).await;
    check("<script>", false).await;
    check("", false).await;
}

#[tokio::test]
async fn a_browser_may_read_the_answer_only_as_what_it_says_it_is() {
    let service = Service::without_database().await;
    for target in ["/", "/livez", "/nothing"] {
        assert_eq!(
            service
                .client
                .get(target)
                .await
                .header("x-content-type-options"),
            Some("nosniff")
        );
    }
}
