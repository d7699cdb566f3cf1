//! `/livez`, `/readyz`, `/health`, `/metrics` on a database that works.

use crate::support::{Service, eventually, migrated, nowhere};
use axum::Router;
use serde_json::Value;
use std::time::{Duration, Instant};
use underpin_core::config::PoolSettings;
use underpin_pool::{Database, Options};
use underpin_testkit::wait_until;

/// The pool's numbers in a health document.
fn pool(health: &Value) -> &Value {
    &health["checks"]["postgres:connections"][0]["details"]
}

#[tokio::test]
async fn health_says_what_was_looked_at_in_the_drafts_format() {
    let database = migrated().await;
    let service = Service::on(database.database().clone()).await;
    let answer = service.client.get("/health").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/health+json"))
    );
    let health = answer.json();
    assert_eq!(health["status"], "pass", "{health:#}");
    assert_eq!(health["serviceId"], "underpin");
    assert_eq!(health["releaseId"], env!("CARGO_PKG_VERSION"));
    for field in ["version", "description"] {
        assert!(health[field].is_string(), "{field}");
    }
    for number in [
        "pool_size",
        "max_overflow",
        "checked_in",
        "checked_out",
        "overflow",
        "total",
        "waiting",
    ] {
        assert!(pool(&health)[number].is_u64(), "{number}: {health:#}");
    }
    let connections = &health["checks"]["postgres:connections"][0];
    assert_eq!(
        (&connections["name"], &connections["status"]),
        (&"postgres".into(), &"pass".into())
    );
    assert_eq!(connections["componentType"], "datastore");
    assert!(connections["latency_ms"].as_f64().unwrap() > 0.0);
    assert!(
        connections["time"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .is_ok()
    );
    assert!(
        connections.get("output").is_none(),
        "nothing is said on pass"
    );
    assert_eq!(
        health["checks"]["postgres:migrations"][0]["observedValue"],
        0.0
    );
}

#[tokio::test]
async fn readyz_says_yes_and_lists_its_checks_when_asked() {
    let database = migrated().await;
    let service = Service::on(database.database().clone()).await;
    let check = async |target: &str, expected: &str| {
        let answer = service.client.get(target).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, expected),
            "{target}"
        );
    };
    check("/readyz", "ok").await;
    check(
        "/readyz?verbose",
        "[+]database ok\n[+]migrations ok\n[+]shutdown ok\nok\n",
    )
    .await;
    check(
        "/readyz?verbose=1&exclude=migrations",
        "[+]database ok\n[+]migrations excluded: ok\n[+]shutdown ok\nok\n",
    )
    .await;
    check("/livez", "ok").await;
}

#[tokio::test]
async fn without_a_database_the_service_is_alive_and_says_what_is_missing() {
    let service = Service::without_database().await;
    assert_eq!(service.client.get("/livez").await.body, "ok");
    let ready = service.client.get("/readyz").await;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (
            503,
            "[-]database failed\n[-]migrations failed\n[+]shutdown ok\nnot ready\n"
        )
    );
    assert_eq!(
        service
            .client
            .get("/readyz?exclude=database,migrations")
            .await
            .status,
        200
    );
    let answer = service.client.get("/health").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (503, Some("application/health+json"))
    );
    let health = answer.json();
    assert_eq!(health["status"], "fail");
    assert_eq!(pool(&health)["total"], 0);
    assert!(health["checks"]["postgres:connections"][0]["output"].is_string());
    for secret in ["hunter2", "127.0.0.1", "nobody"] {
        assert!(!answer.body.contains(secret), "{secret} in {}", answer.body);
    }
}

#[tokio::test]
async fn a_thousand_questions_are_one_question_to_the_database() {
    let database = migrated().await;
    let service = Service::on(database.database().clone()).await;
    let asked: Vec<_> = (0..200)
        .map(|_| {
            let client = service.client;
            tokio::spawn(async move {
                client.get("/health").await.json()["checks"]["postgres:connections"][0]["time"]
                    .clone()
            })
        })
        .collect();
    let mut times = Vec::new();
    for asked in asked {
        times.push(asked.await.unwrap().to_string());
    }
    times.sort();
    times.dedup();
    assert!(
        times.len() <= 3,
        "the database was asked {} times",
        times.len()
    );
    // The last question may still be under way: answers do not wait for it.
    wait_until(Duration::from_secs(5), async || {
        database.database().status().checked_out == 0
    })
    .await;
}

#[tokio::test]
async fn a_pool_that_waits_for_a_lock_is_a_warning_and_ready() {
    let database = migrated().await;
    let settings = PoolSettings {
        size: 2,
        max_overflow: 0,
        ..PoolSettings::default()
    };
    let pool_of_two = Database::lazy(Options {
        url: database.url().clone(),
        pool: settings,
    })
    .unwrap();
    let service = Service::on(pool_of_two.clone()).await;
    let lock = database.database().begin().await.unwrap();
    lock.batch("CREATE TABLE taken (id int)").await.unwrap();
    lock.commit().await.unwrap();
    let lock = database.database().begin().await.unwrap();
    lock.batch("LOCK TABLE taken").await.unwrap();
    let waiters: Vec<_> = (0..6)
        .map(|_| {
            let pool = pool_of_two.clone();
            tokio::spawn(async move { pool.query("SELECT * FROM taken", &[]).await.map(drop) })
        })
        .collect();
    eventually("every session waits", async || {
        pool_of_two.status().checked_out == 2 && pool_of_two.status().waiting == 4
    })
    .await;
    let started = Instant::now();
    assert_eq!(service.client.get("/readyz").await.status, 200);
    let answer = service.client.get("/health").await;
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    let health = answer.json();
    assert_eq!((answer.status, &health["status"]), (200, &"warn".into()));
    assert_eq!(pool(&health)["checked_out"], 2);
    assert_eq!(pool(&health)["total"], 2);
    lock.rollback().await.unwrap();
    for waiter in waiters {
        waiter.await.unwrap().unwrap();
    }
    eventually("it is well again", async || {
        service.client.get("/health").await.json()["status"] == "pass"
    })
    .await;
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_show_the_pool() {
    let database = migrated().await;
    let service = Service::on(database.database().clone()).await;
    for target in [
        "/v0.1/servers",
        "/v0.1/servers",
        "/v0.1/servers/com.example%2Fa/versions/latest",
        "/nothing",
        "/other/nothing",
    ] {
        service.client.get(target).await;
    }
    let answer = service.client.get("/metrics").await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let line = |labels: &[&str]| -> Option<&str> {
        let mut lines = answer.body.lines();
        lines.find(|line| labels.iter().all(|label| line.contains(label)))
    };
    let check = |labels: &[&str], value: &str| {
        let line = line(labels).unwrap_or_else(|| panic!("no {labels:?} in\n{}", answer.body));
        assert_eq!(line.rsplit(' ').next(), Some(value), "{line}");
    };
    let requests = "http_server_requests_total{";
    check(
        &[
            requests,
            "http_route=\"/v0.1/servers\"",
            "method=\"GET\"",
            "status_code=\"200\"",
        ],
        "2",
    );
    check(
        &[
            requests,
            "http_route=\"/v0.1/servers/{serverName}/versions/{version}\"",
            "status_code=\"404\"",
        ],
        "1",
    );
    check(
        &[requests, "http_route=\"unmatched\"", "status_code=\"404\""],
        "2",
    );
    check(
        &[
            "http_server_request_duration_seconds_count{",
            "http_route=\"/v0.1/servers\"",
        ],
        "2",
    );
    assert!(
        line(&[
            "http_server_request_duration_seconds_bucket{",
            "le=\"0.005\""
        ])
        .is_some()
    );
    check(&["underpin_build_info{", env!("CARGO_PKG_VERSION")], "1");
    for gauge in [
        "db_client_connection_count{",
        "db_client_connection_max{",
        "db_client_connection_pending_requests{",
    ] {
        assert!(line(&[gauge]).is_some(), "{gauge}");
    }
}

#[tokio::test]
async fn two_services_in_one_process_count_apart() {
    let (one, other) = (
        Service::without_database().await,
        Service::without_database().await,
    );
    one.client.get("/docs/").await;
    let has_docs = async |service: &Service| {
        service
            .client
            .get("/metrics")
            .await
            .body
            .contains("http_route=\"/docs/\"")
    };
    assert!(has_docs(&one).await);
    assert!(!has_docs(&other).await);
}

#[tokio::test]
async fn a_made_up_method_makes_no_series_of_its_own() {
    let service = Service::with(nowhere(), |_| (), Router::new()).await;
    for n in 0..5 {
        let method = hyper::Method::from_bytes(format!("MADEUP{n}").as_bytes()).unwrap();
        service
            .client
            .send(method, "/livez", &[], "")
            .await
            .problem(405);
    }
    let metrics = service.client.get("/metrics").await.body;
    assert!(
        metrics.contains("http_request_method=\"_OTHER\"") && !metrics.contains("MADEUP"),
        "{metrics}"
    );
}
