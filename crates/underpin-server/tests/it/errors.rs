//! Every error is a problem document.

use crate::support::{Service, nowhere};
use axum::Router;
use axum::routing::get;
use hyper::Method;
use underpin_pool::{Database, Options};
use underpin_server::Problem;
use underpin_testkit::shared_cluster;

/// The pool's list of all codes of PostgreSQL and what becomes of each.
const CODES: &str = include_str!("../../../underpin-pool/tests/it/data/sqlstate.txt");

#[tokio::test]
async fn an_address_without_a_route_is_a_404_problem() {
    let service = Service::without_database().await;
    for target in [
        "/nothing",
        "/v0.1",
        "/v0.1/nothing",
        "/v0/servers",
        "/api/v1/nothing",
        "/docs/nothing.js",
        "//",
    ] {
        service.client.get(target).await.problem(404);
    }
}

#[tokio::test]
async fn a_wrong_method_is_a_405_problem_that_says_which_are_right() {
    let service = Service::without_database().await;
    for target in [
        "/livez",
        "/v0.1/servers",
        "/v0.1/servers/a%2Fb/versions/latest",
        "/api/v1/registry/items",
    ] {
        for method in [Method::POST, Method::DELETE, Method::PUT, Method::PATCH] {
            let answer = service.client.send(method, target, &[], "{}").await;
            answer.problem(405);
            assert!(answer.header("allow").unwrap().contains("GET"), "{target}");
        }
    }
}

#[tokio::test]
async fn a_panic_is_a_500_problem_without_its_message() {
    let panics = Router::new().route(
        "/panic",
        get(async || -> &'static str { panic!("the secret is 42") }),
    );
    let service = Service::with(nowhere(), |_| (), panics).await;
    let answer = service.client.get("/panic").await;
    assert!(!answer.problem(500).contains("42"));
    assert!(answer.header("x-request-id").is_some());
    assert_eq!(
        service.client.get("/livez").await.status,
        200,
        "the service lives on"
    );
}

#[tokio::test]
async fn an_address_that_is_no_text_is_a_400_problem() {
    let service = Service::without_database().await;
    for target in [
        "/v0.1/servers/com.example%2Fa%00b/versions",
        "/v0.1/servers/com.example%2Fa/versions/1.0%00",
        "/v0.1/servers/com.example%2F%ff/versions/latest",
        "/api/v1/registry/items/%00",
        "/v0.1/servers?search=%00",
        "/v0.1/servers?search=%ff%fe",
        "/v0.1/servers?cursor=%c3%28",
        "/nothing%00",
    ] {
        let detail = service.client.get(target).await.problem(400);
        assert!(
            detail.contains("UTF-8") || detail.contains("NUL"),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_the_service_lives_on() {
    let service = Service::without_database().await;
    for garbage in [
        &b"\x00\x01\x02\r\n\r\n"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let answer = service.client.raw(garbage).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
            "{answer}"
        );
    }
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(70_000));
    let answer = service.client.raw(long.as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 414") || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
    assert_eq!(service.client.get("/livez").await.body, "ok");
}

#[tokio::test]
async fn every_code_of_the_server_has_its_status() {
    let url = shared_cluster().await.url("postgres");
    let database = Database::connect(Options::new(url)).await.unwrap();
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let mut count = 0;
    for line in CODES.lines().filter(is_code) {
        let words: Vec<_> = line.split_whitespace().collect();
        let (code, status) = (words[0], words[4]);
        if code == "00000" {
            continue;
        }
        let raise = format!(
            "DO $$ BEGIN RAISE EXCEPTION 'the secret is 42' USING ERRCODE = '{code}'; END $$"
        );
        let problem = Problem::from(database.batch(&raise).await.unwrap_err());
        assert_eq!(problem.status().as_str(), status, "{code}");
        assert!(!format!("{problem:?}").contains("secret"), "{code}");
        count += 1;
    }
    assert!(count > 250, "{count}");
}
