//! Clusters of a test's own.

use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use underpin_testkit::{private_cluster, wait_until};

#[tokio::test]
async fn a_killed_cluster_starts_again_on_the_same_port() {
    let mut private = private_cluster().await;
    let before = (private.cluster().port(), private.cluster().pid());
    private.kill().await;
    private.start().await;
    assert_eq!(private.cluster().port(), before.0);
    assert_ne!(private.cluster().pid(), before.1);
    private.restart().await;
}

#[tokio::test]
async fn a_paused_cluster_accepts_connections_and_answers_only_when_resumed() {
    let mut private = private_cluster().await;
    private.pause();
    let mut silent = TcpStream::connect(("127.0.0.1", private.cluster().port()))
        .await
        .unwrap();
    // A request for TLS, which every server answers with one byte.
    tokio::io::AsyncWriteExt::write_all(&mut silent, &[0, 0, 0, 8, 4, 210, 22, 47])
        .await
        .unwrap();
    let mut answer = [0];
    let heard =
        tokio::time::timeout(Duration::from_millis(200), silent.read_exact(&mut answer)).await;
    assert!(heard.is_err(), "a suspended server answered");
    private.resume();
    wait_until(Duration::from_secs(5), async || {
        silent.read_exact(&mut answer).await.is_ok()
    })
    .await;
    assert_eq!(&answer, b"N");
}

#[tokio::test]
async fn a_replica_follows_its_primary_until_it_is_promoted() {
    let mut primary = private_cluster().await;
    let replica = primary.replica().await;
    let on_primary = primary.admin().await;
    on_primary
        .batch("CREATE TABLE t AS SELECT 1 AS id")
        .await
        .unwrap();
    let on_replica = replica.admin().await;
    wait_until(Duration::from_secs(10), async || {
        on_replica.query_one("SELECT id FROM t", &[]).await.is_ok()
    })
    .await;
    on_replica
        .execute("INSERT INTO t VALUES (2)", &[])
        .await
        .unwrap_err();
    drop(on_primary);
    primary.kill().await;
    replica.promote().await;
    replica
        .admin()
        .await
        .execute("INSERT INTO t VALUES (2)", &[])
        .await
        .unwrap();
}
