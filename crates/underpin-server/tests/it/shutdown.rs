//! Stopping: what is in flight is finished, nothing new is taken, and it ends.

use crate::support::{Service, eventually, nowhere};
use axum::Router;
use axum::routing::get;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore};
use underpin_core::{Diagnose, ErrorKind};
use underpin_server::{App, Server, Settings};

/// A route that says when it is entered and answers when it is let go.
fn gate() -> (Router<App>, Arc<Notify>, Arc<Semaphore>) {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let (entered_there, leave_there) = (Arc::clone(&entered), Arc::clone(&leave));
    let handler = async move || {
        entered_there.notify_one();
        leave_there.acquire().await.unwrap().forget();
        "finished"
    };
    (Router::new().route("/gate", get(handler)), entered, leave)
}

#[tokio::test]
async fn a_request_in_flight_is_finished() {
    let (routes, entered, leave) = gate();
    let mut service = Service::with(nowhere(), |_| (), routes).await;
    let client = service.client;
    let asked = tokio::spawn(async move { client.get("/gate").await });
    entered.notified().await;
    service.tell_to_stop();
    eventually("new connections are refused", async || {
        TcpStream::connect(client.address).await.is_err()
    })
    .await;
    leave.add_permits(1);
    assert_eq!(asked.await.unwrap().body, "finished");
    service.stopped().await;
}

#[tokio::test]
async fn a_request_that_does_not_finish_is_cut_off_after_the_grace_period() {
    let (routes, entered, _leave) = gate();
    let grace = Duration::from_millis(300);
    let mut service = Service::with(
        nowhere(),
        |settings| settings.shutdown_grace = grace,
        routes,
    )
    .await;
    let mut stream = TcpStream::connect(service.client.address).await.unwrap();
    stream
        .write_all(b"GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    entered.notified().await;
    let started = Instant::now();
    service.tell_to_stop();
    service.stopped().await;
    assert!(started.elapsed() >= grace && started.elapsed() < grace * 10);
    let mut rest = Vec::new();
    // Closed or reset: either way nothing was answered.
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let mut service = Service::without_database().await;
    let mut stream = TcpStream::connect(service.client.address).await.unwrap();
    stream
        .write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut some = [0; 16];
    stream.read_exact(&mut some).await.unwrap();
    let started = Instant::now();
    service.tell_to_stop();
    service.stopped().await;
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_service_that_stops_is_alive_and_not_ready() {
    let (routes, entered, leave) = gate();
    let mut service = Service::with(nowhere(), |_| (), routes).await;
    let client = service.client;
    let mut kept = TcpStream::connect(client.address).await.unwrap();
    kept.write_all(b"GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    entered.notified().await;
    assert!(!service.app.is_draining());
    service.tell_to_stop();
    let app = service.app.clone();
    eventually("it drains", async || app.is_draining()).await;
    leave.add_permits(1);
    service.stopped().await;
}

#[tokio::test]
async fn a_port_in_use_is_named_and_says_what_to_do() {
    let service = Service::without_database().await;
    let address = service.client.address;
    let app = App::new(nowhere(), crate::support::chain(), Settings::at(address));
    let error = Server::new(app).bind().await.unwrap_err();
    assert_eq!(error.to_string(), format!("could not listen on {address}"));
    assert_eq!(error.kind(), ErrorKind::Io);
    let hint = Diagnose::hint(&error).unwrap();
    assert!(
        hint.contains(&address.port().to_string()) && hint.contains("--listen"),
        "{hint}"
    );
}
