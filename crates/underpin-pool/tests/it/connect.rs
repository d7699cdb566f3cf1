//! Each reason why a connection cannot be made is told apart, with its cause and a next step.

use crate::support::options;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use underpin_core::url::{Host, SslMode};
use underpin_core::{Chain, Secret};
use underpin_pool::{Database, Error, ErrorKind, Options, Session};
use underpin_testkit::{private_cluster_with, shared_cluster};

async fn refused(change: impl FnOnce(&mut Options)) -> Error {
    let mut options = options(|_| {}).await;
    options.url = shared_cluster().await.tcp_url("postgres");
    change(&mut options);
    Session::connect(&options)
        .await
        .expect_err("must be refused")
}

fn check(error: &Error, kind: ErrorKind, cause: &str) {
    let chain = Chain(error).to_string();
    assert_eq!(error.kind(), kind, "{chain}");
    assert!(chain.contains(cause), "{chain:?} should contain {cause:?}");
    assert!(error.hint().is_some(), "{chain} has no hint");
}

fn tcp(name: &str, port: u16) -> Vec<Host> {
    vec![Host::Tcp {
        name: String::from(name),
        port,
    }]
}

#[tokio::test]
async fn wrong_password_is_told_with_the_servers_own_words() {
    let error =
        refused(|options| options.url.password = Some(Secret::new(String::from("wr0ng!")))).await;
    check(
        &error,
        ErrorKind::Authentication,
        "password authentication failed",
    );
    assert!(!format!("{error:?} {}", Chain(&error)).contains("wr0ng!"));
}

#[tokio::test]
async fn missing_password_is_told() {
    let error = refused(|options| options.url.password = None).await;
    check(
        &error,
        ErrorKind::Authentication,
        "the server asks for a password",
    );
}

#[tokio::test]
async fn closed_port_is_told_with_the_operating_systems_own_words() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let error = refused(|options| options.url.hosts = tcp("127.0.0.1", port)).await;
    check(&error, ErrorKind::ConnectionRefused, "Connection refused");
}

#[tokio::test]
async fn missing_socket_is_told() {
    let error = refused(|options| {
        options.url.hosts = vec![Host::Unix {
            directory: "/nonexistent".into(),
            port: 5432,
        }];
    })
    .await;
    check(&error, ErrorKind::ConnectionRefused, "No such file");
}

#[tokio::test]
async fn unknown_host_is_told() {
    let error = refused(|options| options.url.hosts = tcp("no-such-host.invalid", 5432)).await;
    check(&error, ErrorKind::UnknownHost, "no-such-host.invalid");
}

#[tokio::test]
async fn unknown_database_is_told() {
    let error = refused(|options| options.url.database = String::from("nowhere")).await;
    check(
        &error,
        ErrorKind::UnknownDatabase,
        "database \"nowhere\" does not exist",
    );
}

#[tokio::test]
async fn tls_wanted_from_a_server_without_it_is_told() {
    let error = refused(|options| options.url.tls.mode = SslMode::Require).await;
    check(
        &error,
        ErrorKind::TlsRequired,
        "the server does not support TLS",
    );
}

#[tokio::test]
async fn server_without_a_connection_left_is_told() {
    let cluster = private_cluster_with(|settings| {
        settings
            .with_server_setting("max_connections", "4")
            .with_server_setting("superuser_reserved_connections", "0")
            .with_server_setting("max_wal_senders", "0")
    })
    .await;
    let options = Options::new(cluster.url("postgres"));
    let mut held = Vec::new();
    let error = loop {
        match Session::connect(&options).await {
            Ok(session) => held.push(session),
            Err(error) => break error,
        }
        assert!(
            held.len() < 10,
            "the limit of 4 connections must be reached"
        );
    };
    check(&error, ErrorKind::TooManyConnections, "too many clients");
}

#[tokio::test]
async fn handshake_that_hangs_ends_at_the_create_deadline() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let error = refused(|options| {
        options.url.hosts = tcp("127.0.0.1", port);
        options.url.connect_timeout = Some(Duration::from_millis(200));
    })
    .await;
    check(&error, ErrorKind::Timeout, &format!("127.0.0.1:{port}"));
}

#[tokio::test]
async fn tls_handshake_that_hangs_ends_at_the_create_deadline() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut socket, _) = silent.accept().await.unwrap();
        let mut request = [0; 8];
        socket.read_exact(&mut request).await.unwrap();
        socket.write_all(b"S").await.unwrap();
        // Takes the first message of TLS and all that follows, and says nothing.
        tokio::io::copy(&mut socket, &mut tokio::io::sink()).await
    });
    let error = refused(|options| {
        options.url.hosts = tcp("127.0.0.1", port);
        options.url.tls.mode = SslMode::Require;
        options.url.connect_timeout = Some(Duration::from_millis(200));
    })
    .await;
    check(&error, ErrorKind::Timeout, &format!("127.0.0.1:{port}"));
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn second_host_is_used_when_the_first_refuses() {
    let mut options = options(|_| {}).await;
    let good = options.url.hosts.clone();
    options.url.hosts = tcp("127.0.0.1", 1);
    options.url.hosts.extend(good);
    let session = Session::connect(&options).await.unwrap();
    assert!(session.server_version().major >= 14);
}

#[tokio::test]
async fn pool_is_not_made_when_its_first_session_is_refused() {
    let mut options = options(|_| {}).await;
    options.url.password = Some(Secret::new(String::from("wrong")));
    let error = Database::connect(options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
}
