//! The database stops, hangs, or is not migrated: the service stays up, says so in time, and recovers by itself.

use crate::support::{Answer, Client, Service, chain, document, eventually, publish_all};
use std::time::{Duration, Instant};
use underpin_migrate::{Migrator, Target};
use underpin_pool::{Database, Options};
use underpin_testkit::{ChaosProxy, Mode, PrivateCluster, private_cluster};

/// Nothing that asks the state of the service may take longer.
const DEADLINE: Duration = Duration::from_secs(4);

/// What must never say that a server does not exist, or that there are none, while nobody knows.
const READS: [&str; 6] = [
    "/v0.1/servers",
    "/v0.1/servers?version=latest&limit=50",
    "/v0.1/servers/com.example%2Fa/versions",
    "/v0.1/servers/com.example%2Fa/versions/latest",
    "/v0.1/servers/com.example%2Fnone/versions/latest",
    "/api/v1/registry/items",
];

async fn database(cluster: &PrivateCluster) -> Database {
    let options = Options::from(cluster.url("postgres"));
    Migrator::new(options.clone(), chain())
        .up(Target::All)
        .await
        .unwrap();
    let database = Database::lazy(options).unwrap();
    publish_all(&database, [document("com.example/a", "1.0.0")]).await;
    // Test clusters write nothing through: a kill would lose what was just committed.
    database.batch("CHECKPOINT").await.unwrap();
    database
}

async fn in_time(client: &Client, target: &str) -> Answer {
    let started = Instant::now();
    let answer = client.get(target).await;
    assert!(
        started.elapsed() < DEADLINE,
        "{target} took {:?}",
        started.elapsed()
    );
    answer
}

async fn is_ready(client: &Client) -> bool {
    in_time(client, "/readyz").await.status == 200
}

/// Up and not ready; every read is 503.
async fn assert_down(client: &Client) {
    eventually("it is not ready", async || !is_ready(client).await).await;
    assert_eq!(in_time(client, "/livez").await.status, 200);
    let health = in_time(client, "/health").await;
    assert_eq!(
        (health.status, &health.json()["status"]),
        (503, &"fail".into())
    );
    assert!(health.json()["checks"]["postgres:connections"][0]["details"]["pool_size"].is_u64());
    assert_eq!(in_time(client, "/metrics").await.status, 200);
    for target in READS {
        let answer = in_time(client, target).await;
        answer.problem(503);
        let is_open = answer.header("access-control-allow-origin") == Some("*");
        assert_eq!(is_open, target.starts_with("/v0.1"), "{target}");
    }
}

async fn assert_recovers(client: &Client) {
    eventually("it is ready again", async || is_ready(client).await).await;
    eventually("reads work again", async || {
        client.get(READS[0]).await.status == 200
    })
    .await;
    assert_eq!(
        client.get(READS[3]).await.json()["server"]["version"],
        "1.0.0"
    );
    assert_eq!(client.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_stopped_database_is_503_and_coming_back_needs_no_restart() {
    let mut cluster = private_cluster().await;
    let service = Service::on(database(&cluster).await).await;
    assert!(is_ready(&service.client).await);
    cluster.stop().await;
    assert_down(&service.client).await;
    cluster.start().await;
    assert_recovers(&service.client).await;
}

#[tokio::test]
async fn a_killed_database_is_503_and_coming_back_needs_no_restart() {
    let mut cluster = private_cluster().await;
    let service = Service::on(database(&cluster).await).await;
    assert!(is_ready(&service.client).await);
    let before = cluster.url("postgres");
    cluster.kill().await;
    assert_down(&service.client).await;
    cluster.start().await;
    assert_eq!(cluster.url("postgres"), before);
    assert_recovers(&service.client).await;
}

#[tokio::test]
async fn a_database_that_hangs_holds_nobody_up() {
    let cluster = private_cluster().await;
    drop(database(&cluster).await);
    let proxy = ChaosProxy::in_front_of(&cluster.url("postgres")).await;
    let service = Service::on(Database::lazy(proxy.url(&cluster.url("postgres"))).unwrap()).await;
    assert!(is_ready(&service.client).await);
    proxy.set(Mode::BlackHole);
    assert_down(&service.client).await;
    proxy.set(Mode::Pass);
    assert_recovers(&service.client).await;
}

#[tokio::test]
async fn a_postmaster_that_is_suspended_holds_nobody_up() {
    let mut cluster = private_cluster().await;
    drop(database(&cluster).await);
    cluster.pause();
    let service = Service::on(Database::lazy(cluster.url("postgres")).unwrap()).await;
    assert_down(&service.client).await;
    cluster.resume();
    assert_recovers(&service.client).await;
}

#[tokio::test]
async fn a_schema_that_is_behind_is_not_ready_until_somebody_migrates() {
    let cluster = private_cluster().await;
    let options = Options::from(cluster.url("postgres"));
    let service = Service::on(Database::lazy(options.clone()).unwrap()).await;
    let ready = in_time(&service.client, "/readyz").await;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (
            503,
            "[+]database ok\n[-]migrations failed\n[+]shutdown ok\nnot ready\n"
        )
    );
    let health = in_time(&service.client, "/health").await.json();
    assert_eq!(health["status"], "fail");
    assert!(
        health["checks"]["postgres:migrations"][0]["output"]
            .as_str()
            .unwrap()
            .contains("underpin migrate up")
    );
    for target in READS {
        in_time(&service.client, target).await.problem(503);
    }
    Migrator::new(options, chain())
        .up(Target::All)
        .await
        .unwrap();
    eventually("it is ready", async || is_ready(&service.client).await).await;
    assert_eq!(
        in_time(&service.client, READS[0]).await.json()["metadata"]["count"],
        0
    );
}
