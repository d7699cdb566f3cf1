//! What a server, or a pooler, says before it ends a connection is told, whenever and however it says it, and once.

use crate::fake_server::Server;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::timeout;
use underpin_core::url::{Host, SslMode};
use underpin_core::{Chain, DatabaseUrl};
use underpin_pool::{Error, ErrorKind, Options, Session};
use underpin_testkit::{private_cluster, shared_cluster, wait_until};

/// How long a machine under load may take for what is quick.
const PATIENCE: Duration = Duration::from_secs(30);

/// The error of a session with a server that behaves like this; of its first statement when it is let in.
async fn error_of(mode: SslMode, behave: impl AsyncFnOnce(&mut Server)) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut url: DatabaseUrl = shared_cluster().await.tcp_url("postgres");
    url.hosts = vec![Host::Tcp {
        name: String::from("127.0.0.1"),
        port: listener.local_addr().unwrap().port(),
    }];
    url.tls.mode = mode;
    let options = Options::new(url);
    let server = async {
        let (socket, _) = listener.accept().await.unwrap();
        let mut server = Server(socket);
        behave(&mut server).await;
        // Closes in order: what was sent arrives.
        let _ = server.0.shutdown().await;
        let _ = timeout(
            PATIENCE,
            tokio::io::copy(&mut server.0, &mut tokio::io::sink()),
        )
        .await;
    };
    let client = async {
        let session = Session::connect(&options).await?;
        session.batch("SELECT 1").await
    };
    let (outcome, ()) = tokio::join!(client, server);
    outcome.expect_err("the server ends every connection")
}

/// Each layer says something else, and one of them the words.
fn check(error: &Error, kind: ErrorKind, words: &str) {
    let layers: Vec<_> = Chain(error).iter().map(ToString::to_string).collect();
    assert_eq!(error.kind(), kind, "{layers:?}");
    let saying = layers.iter().filter(|layer| layer.contains(words)).count();
    assert_eq!(saying, 1, "{layers:?}");
    for (number, layer) in layers.iter().enumerate() {
        assert!(!layers[..number].contains(layer), "twice: {layers:?}");
    }
}

#[tokio::test]
async fn refusal_at_the_start_is_told_with_and_without_a_severity() {
    for severity in [&["SFATAL", "VFATAL"][..], &["SFATAL"], &["SERROR"], &[]] {
        let error = error_of(SslMode::Disable, async |server| {
            server.introduction().await;
            let fields = [severity, &["C53300", "Mno room for you"]].concat();
            server.report(b'E', &fields).await;
        })
        .await;
        check(&error, ErrorKind::TooManyConnections, "no room for you");
    }
}

#[tokio::test]
async fn refusal_before_the_server_has_listened_is_told() {
    let error = error_of(SslMode::Disable, async |server| {
        server
            .report(b'E', &["SFATAL", "C53300", "Mno room for you"])
            .await;
    })
    .await;
    check(&error, ErrorKind::TooManyConnections, "no room for you");
}

#[tokio::test]
async fn server_that_cannot_start_a_process_is_told() {
    // As text, without a length, since it has no process that speaks the protocol.
    let words = b"Ecould not fork new process for connection: Cannot allocate memory\n\0";
    let error = error_of(SslMode::Disable, async |server| {
        server.introduction().await;
        server.0.write_all(words).await.unwrap();
    })
    .await;
    check(
        &error,
        ErrorKind::OutOfResources,
        "could not fork new process",
    );
    // The same in answer to the question for TLS.
    let turn_away = async |server: &mut Server| {
        server.introduction().await;
        server.0.write_all(words).await.unwrap();
    };
    let error = error_of(SslMode::Prefer, turn_away).await;
    check(
        &error,
        ErrorKind::OutOfResources,
        "could not fork new process",
    );
    // Whoever insists on TLS does not show what somebody else may have said.
    let error = error_of(SslMode::Require, turn_away).await;
    check(&error, ErrorKind::ServerNotReady, "before TLS was settled");
    assert!(!Chain(&error).to_string().contains("fork"));
}

#[tokio::test]
async fn what_does_not_speak_the_protocol_is_told() {
    let error = error_of(SslMode::Prefer, async |server| {
        server.introduction().await;
        server
            .0
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
    })
    .await;
    check(
        &error,
        ErrorKind::ConnectionRefused,
        "does not speak PostgreSQL",
    );
}

#[tokio::test]
async fn warning_before_the_end_is_told() {
    let crash = ["SWARNING", "VWARNING", "C57P02", "Manother process crashed"];
    let error = error_of(SslMode::Disable, async |server| {
        server.introduction().await;
        server.report(b'N', &crash).await;
    })
    .await;
    check(&error, ErrorKind::ServerNotReady, "another process crashed");
    let error = error_of(SslMode::Disable, async |server| {
        server.welcome().await;
        server.read().await;
        server.report(b'N', &crash).await;
    })
    .await;
    check(&error, ErrorKind::Disconnected, "another process crashed");
}

#[tokio::test]
async fn end_in_the_middle_of_a_statement_is_told_with_and_without_a_severity() {
    for severity in [&["SFATAL", "VFATAL"][..], &["SFATAL"], &["SERROR"], &[]] {
        let error = error_of(SslMode::Disable, async |server| {
            server.welcome().await;
            server.read().await;
            let fields = [severity, &["C08P01", "Mtoo long a queue"]].concat();
            server.report(b'E', &fields).await;
        })
        .await;
        check(&error, ErrorKind::Disconnected, "too long a queue");
    }
}

#[tokio::test]
async fn end_while_nobody_asked_is_told_to_who_asks_next() {
    let error = error_of(SslMode::Disable, async |server| {
        server.welcome().await;
        server
            .report(b'E', &["SFATAL", "C57P01", "Mthe server is going"])
            .await;
    })
    .await;
    check(&error, ErrorKind::Disconnected, "the server is going");
}

#[tokio::test]
async fn error_that_was_answered_is_not_taken_for_the_last_word() {
    let error = error_of(SslMode::Disable, async |server| {
        server.welcome().await;
        server.read().await;
        server
            .report(b'N', &["SWARNING", "C01000", "Mjust so"])
            .await;
        server
            .report(b'E', &["SERROR", "VERROR", "C42601", "Ma typo"])
            .await;
        server.ready().await;
    })
    .await;
    check(&error, ErrorKind::Sql, "a typo");
}

#[tokio::test]
async fn real_server_that_stops_at_once_says_so() {
    let mut cluster = private_cluster().await;
    let session = Session::connect(&Options::new(cluster.url("postgres")))
        .await
        .unwrap();
    let asks = async { session.batch("SELECT pg_sleep(600)").await.unwrap_err() };
    let stops = async {
        let admin = cluster.admin().await;
        wait_until(PATIENCE, async || {
            let asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
            let row = admin.query_one(asleep, &[]).await;
            row.and_then(|row| row.get::<i64>(0)).unwrap() == 1
        })
        .await;
        cluster.stop_immediately().await;
    };
    let (error, ()) = tokio::join!(asks, stops);
    check(&error, ErrorKind::Disconnected, "immediate shutdown");
}
