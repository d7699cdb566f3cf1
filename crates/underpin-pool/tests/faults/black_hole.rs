//! The network swallows everything: no reset, no end, no answer.

use crate::support::{SOON, assert_whole, pool, warm_up};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use underpin_core::DatabaseUrl;
use underpin_pool::{Database, ErrorKind};
use underpin_testkit::{ChaosProxy, Mode, PrivateCluster, private_cluster, wait_until};

async fn behind_a_proxy() -> (PrivateCluster, ChaosProxy, Database) {
    let cluster = private_cluster().await;
    let url: DatabaseUrl = cluster.url("postgres");
    let proxy = ChaosProxy::in_front_of(&url).await;
    let db = pool(proxy.url(&url), |pool| {
        (pool.size, pool.max_overflow) = (2, 0);
        pool.timeout = Duration::from_millis(500);
        pool.shutdown_grace = Duration::from_millis(200);
    });
    (cluster, proxy, db)
}

#[tokio::test]
async fn black_hole_during_a_query_does_not_outlive_the_callers_deadline() {
    let (_cluster, proxy, db) = behind_a_proxy().await;
    warm_up(&db).await;
    let session = db.checkout().await.unwrap();
    proxy.set(Mode::BlackHole);
    assert!(
        timeout(Duration::from_millis(200), session.query("SELECT 1", &[]))
            .await
            .is_err()
    );
    drop(session);
    // Cleaning cannot reach the server; after its deadline the session is closed, and its place is free.
    wait_until(SOON, async || db.status().checked_out == 0).await;
    assert_eq!(db.status().closed.get("unclean"), Some(&1));
    proxy.set(Mode::Pass);
    assert_whole(&db).await;
}

#[tokio::test]
async fn black_hole_during_a_checkout_ends_at_the_checkout_deadline() {
    let (_cluster, proxy, db) = behind_a_proxy().await;
    proxy.set(Mode::BlackHole);
    let began = Instant::now();
    let error = db.checkout().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckoutTimeout);
    assert!(
        began.elapsed() < Duration::from_millis(900),
        "{:?}",
        began.elapsed()
    );
    proxy.set(Mode::Pass);
    assert_whole(&db).await;
}

#[tokio::test]
async fn black_hole_during_a_ping_ends_at_the_checkout_deadline() {
    let (_cluster, proxy, db) = behind_a_proxy().await;
    let (kept, killed) = (
        db.checkout_within(SOON).await.unwrap(),
        db.checkout_within(SOON).await.unwrap(),
    );
    let kill = "SELECT pg_terminate_backend(pg_backend_pid())";
    drop(kept);
    killed.query(kill, &[]).await.unwrap_err();
    drop(killed);
    // One was ended from outside, so the other one must show that it lives before it is lent.
    proxy.set(Mode::BlackHole);
    let began = Instant::now();
    let error = db.checkout().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckoutTimeout);
    assert!(
        began.elapsed() < Duration::from_millis(900),
        "{:?}",
        began.elapsed()
    );
    proxy.set(Mode::Pass);
    assert_whole(&db).await;
    let status = db.status();
    assert_eq!(status.closed.values().sum::<u64>(), 2, "{status:?}");
}

#[tokio::test]
async fn black_hole_with_an_open_transaction_frees_its_place() {
    let (_cluster, proxy, db) = behind_a_proxy().await;
    warm_up(&db).await;
    let tx = db.begin().await.unwrap();
    tx.query("SELECT 1", &[]).await.unwrap();
    proxy.set(Mode::BlackHole);
    drop(tx);
    wait_until(SOON, async || db.status().checked_out == 0).await;
    proxy.set(Mode::Pass);
    assert_whole(&db).await;
}

#[tokio::test]
async fn closing_is_bounded_in_a_black_hole() {
    let (_cluster, proxy, db) = behind_a_proxy().await;
    warm_up(&db).await;
    let session = db.checkout().await.unwrap();
    proxy.set(Mode::BlackHole);
    let query = tokio::spawn(async move { session.query("SELECT 1", &[]).await.map(drop) });
    let began = Instant::now();
    db.close().await;
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    let error = timeout(SOON, query).await.unwrap().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    wait_until(SOON, async || db.status().total == 0).await;
}

#[tokio::test]
async fn suspended_server_is_survived() {
    let mut cluster = private_cluster().await;
    let db = pool(cluster.url("postgres"), |pool| {
        pool.timeout = Duration::from_millis(500)
    });
    cluster.pause();
    let error = db.checkout().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckoutTimeout);
    cluster.resume();
    assert_whole(&db).await;
}
