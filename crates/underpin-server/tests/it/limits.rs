//! Deadlines, body and head sizes.

use crate::support::{Service, nowhere};
use axum::Router;
use axum::routing::{get, post};
use hyper::Method;
use std::future::pending;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_handler_that_never_answers_is_a_504_at_the_deadline() {
    let hangs = Router::new().route("/hang", get(async || pending::<&'static str>().await));
    let limit = Duration::from_millis(200);
    let service = Service::with(
        nowhere(),
        |settings| settings.request_timeout = limit,
        hangs,
    )
    .await;
    let started = Instant::now();
    service.client.get("/hang").await.problem(504);
    assert!(started.elapsed() >= limit && started.elapsed() < limit * 10);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_413() {
    let echo = Router::new().route("/echo", post(async |body: String| body));
    let service = Service::with(nowhere(), |settings| settings.body_bytes_max = 1000, echo).await;
    let fits = "a".repeat(1000);
    assert_eq!(
        service
            .client
            .send(Method::POST, "/echo", &[], &fits)
            .await
            .body,
        fits
    );
    service
        .client
        .send(Method::POST, "/echo", &[], &"a".repeat(1001))
        .await
        .problem(413);
    service
        .client
        .send(Method::POST, "/livez", &[], &"a".repeat(1001))
        .await
        .problem(413);
}

#[tokio::test]
async fn a_body_of_unknown_length_is_cut_off_at_the_limit() {
    let echo = Router::new().route("/echo", post(async |body: String| body));
    let service = Service::with(nowhere(), |settings| settings.body_bytes_max = 1000, echo).await;
    let mut request = String::from(
        "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for _ in 0..3 {
        request.push_str(&format!("{:x}\r\n{}\r\n", 600, "a".repeat(600)));
    }
    request.push_str("0\r\n\r\n");
    let answer = service.client.raw(request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_head_is_dropped() {
    let limit = Duration::from_millis(200);
    let service = Service::with(
        nowhere(),
        |settings| settings.header_timeout = limit,
        Router::new(),
    )
    .await;
    let started = Instant::now();
    let answer = service
        .client
        .raw(b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        .await;
    assert!(started.elapsed() < limit * 20, "{answer}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let service = Service::with(
        nowhere(),
        |settings| settings.connections_max = 2,
        Router::new(),
    )
    .await;
    let asked = (0..20).map(|_| {
        let client = service.client;
        tokio::spawn(async move { client.get("/livez").await.status })
    });
    for asked in asked.collect::<Vec<_>>() {
        assert_eq!(asked.await.unwrap(), 200);
    }
}
