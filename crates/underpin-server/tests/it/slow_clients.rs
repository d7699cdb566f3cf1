//! Clients that send and do not read, read or send a byte at a time, stay without asking, or close their half.

use crate::support::{PATIENCE, Service, eventually, nowhere};
use axum::Router;
use axum::routing::{get, post};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const MEBIBYTE: usize = 1024 * 1024;

/// A route with an answer of so many mebibytes.
fn large(mebibytes: usize) -> Router<underpin_server::App> {
    Router::new().route(
        "/large",
        get(async move || "x".repeat(mebibytes * MEBIBYTE)),
    )
}

/// A client whose kernel takes next to nothing beyond what the client reads.
async fn narrow(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(address).await.unwrap()
}

async fn asked(mut stream: TcpStream, target: &str) -> TcpStream {
    let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Reads to the end, be it the service's or that of the connection; gives the bytes.
async fn drain(stream: &mut TcpStream) -> usize {
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = 0;
    let read = async {
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            bytes += count;
        }
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("the service closes");
    bytes
}

/// Bytes that the service says it holds.
async fn held(service: &Service) -> u64 {
    let metrics = service.client.get("/metrics").await.body;
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix("underpin_http_held_bytes "))
        .unwrap();
    line.parse().unwrap()
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let service = Service::with(
        nowhere(),
        |settings| settings.stall_timeout = Duration::from_millis(300),
        large(8),
    )
    .await;
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(asked(narrow(service.client.address).await, "/large").await);
    }
    eventually("answers are held", async || held(&service).await > 0).await;
    eventually("nothing is held", async || held(&service).await == 0).await;
    for mut client in clients {
        assert!(drain(&mut client).await < 8 * MEBIBYTE);
    }
}

#[tokio::test]
async fn a_client_that_reads_a_byte_at_a_time_is_cut_off() {
    let service = Service::with(
        nowhere(),
        |settings| settings.stall_timeout = Duration::from_millis(500),
        large(8),
    )
    .await;
    let mut client = asked(narrow(service.client.address).await, "/large").await;
    let trickle = async {
        let mut pace = tokio::time::interval(Duration::from_millis(10));
        while let Ok(1) = client.read(&mut [0]).await {
            pace.tick().await;
        }
    };
    let cut = async {
        eventually("the answer is held", async || held(&service).await > 0).await;
        eventually("nothing is held", async || held(&service).await == 0).await;
    };
    tokio::select! {
        () = trickle => {}
        () = cut => {}
    }
    assert_eq!(held(&service).await, 0);
}

#[tokio::test]
async fn a_client_that_reads_slowly_but_steadily_gets_all_of_its_answer() {
    let span = Duration::from_millis(300);
    let service = Service::with(
        nowhere(),
        |settings| settings.stall_timeout = span,
        large(1),
    )
    .await;
    let mut client = asked(narrow(service.client.address).await, "/large").await;
    let started = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = 0;
    while bytes < MEBIBYTE {
        pace.tick().await;
        let count = client.read(&mut buffer).await.unwrap();
        assert!(count > 0, "cut off after {bytes} bytes");
        bytes += count;
    }
    assert!(
        started.elapsed() > span,
        "the test has to take longer than a span"
    );
}

#[tokio::test]
async fn what_clients_do_not_take_is_bounded_and_new_clients_are_answered() {
    let limit = 8 * MEBIBYTE;
    // Small answers always have room.
    let bound = (limit + 64 * 1024) as u64;
    let service = Service::with(
        nowhere(),
        |settings| settings.in_flight_bytes_max = limit,
        large(2),
    )
    .await;
    let mut clients = Vec::new();
    for round in 0..4 {
        for _ in 0..8 {
            clients.push(asked(narrow(service.client.address).await, "/large").await);
        }
        eventually("another client is answered", async || {
            assert!(held(&service).await <= bound, "round {round}");
            service.client.get("/large").await.status == 200
        })
        .await;
    }
    assert!(held(&service).await <= bound);
}

#[tokio::test]
async fn an_answer_without_room_is_a_503_problem() {
    let service = Service::with(
        nowhere(),
        |settings| settings.in_flight_bytes_max = MEBIBYTE,
        large(2),
    )
    .await;
    service.client.get("/large").await.problem(503);
    assert_eq!(service.client.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_ends_with_the_request() {
    let echo = Router::new().route("/echo", post(async |body: String| body));
    let service = Service::with(
        nowhere(),
        |settings| settings.request_timeout = Duration::from_millis(300),
        echo,
    )
    .await;
    let mut client = TcpStream::connect(service.client.address).await.unwrap();
    client
        .write_all(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc")
        .await
        .unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, client.read_to_end(&mut answer))
        .await
        .expect("the service closes")
        .unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    eventually("nothing is held", async || held(&service).await == 0).await;
}

#[tokio::test]
async fn an_idle_connection_stays_longer_than_a_head_may_take_and_ends_when_its_own_time_is_over() {
    let (head, idle) = (Duration::from_millis(200), Duration::from_millis(1500));
    let service = Service::with(
        nowhere(),
        |settings| (settings.header_timeout, settings.keep_alive_timeout) = (head, idle),
        Router::new(),
    )
    .await;
    let mut client = TcpStream::connect(service.client.address).await.unwrap();
    let mut buffer = vec![0; 4096];
    for _ in 0..2 {
        client = asked(client, "/livez").await;
        assert!(client.read(&mut buffer).await.unwrap() > 0);
        let idles = tokio::time::timeout(head * 3, client.read(&mut buffer)).await;
        assert!(idles.is_err(), "closed before its time: {idles:?}");
    }
    let started = Instant::now();
    assert_eq!(drain(&mut client).await, 0);
    assert!(started.elapsed() < PATIENCE);
}

#[tokio::test]
async fn the_head_of_a_second_request_has_the_short_deadline_too() {
    let service = Service::with(
        nowhere(),
        |settings| {
            settings.header_timeout = Duration::from_millis(200);
            settings.keep_alive_timeout = Duration::from_secs(3600);
        },
        Router::new(),
    )
    .await;
    let mut client = asked(
        TcpStream::connect(service.client.address).await.unwrap(),
        "/livez",
    )
    .await;
    assert!(client.read(&mut [0; 4096]).await.unwrap() > 0);
    client.write_all(b"GET /livez HT").await.unwrap();
    assert_eq!(drain(&mut client).await, 0);
    let mut silent = TcpStream::connect(service.client.address).await.unwrap();
    assert_eq!(drain(&mut silent).await, 0, "nothing was asked");
}

#[tokio::test]
async fn a_client_that_closes_its_half_is_answered() {
    let slow = Router::new().route(
        "/slow",
        get(async || {
            tokio::time::sleep(Duration::from_millis(200)).await;
            "done"
        }),
    );
    let service = Service::with(nowhere(), |_| (), slow).await;
    for target in ["/livez", "/slow", "/metrics"] {
        let mut client = asked(
            TcpStream::connect(service.client.address).await.unwrap(),
            target,
        )
        .await;
        client.shutdown().await.unwrap();
        let mut answer = Vec::new();
        tokio::time::timeout(PATIENCE, client.read_to_end(&mut answer))
            .await
            .expect("the service closes")
            .unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 200"), "{target}: {answer}");
    }
}

#[tokio::test]
async fn connections_that_ask_nothing_make_room_for_new_ones() {
    let service = Service::with(
        nowhere(),
        |settings| {
            settings.connections_max = 3;
            settings.header_timeout = Duration::from_secs(3600);
        },
        Router::new(),
    )
    .await;
    let mut silent = Vec::new();
    for _ in 0..12 {
        silent.push(TcpStream::connect(service.client.address).await.unwrap());
    }
    assert_eq!(service.client.get("/livez").await.status, 200);
    assert_eq!(drain(&mut silent[0]).await, 0, "the oldest was closed");
}

#[tokio::test]
async fn idle_connections_make_room_for_new_ones() {
    let service = Service::with(
        nowhere(),
        |settings| settings.connections_max = 3,
        Router::new(),
    )
    .await;
    let mut idle = Vec::new();
    for _ in 0..12 {
        let mut client = asked(
            TcpStream::connect(service.client.address).await.unwrap(),
            "/livez",
        )
        .await;
        assert!(client.read(&mut [0; 4096]).await.unwrap() > 0);
        idle.push(client);
    }
    assert_eq!(service.client.get("/livez").await.status, 200);
    assert_eq!(drain(&mut idle[0]).await, 0, "the oldest was closed");
}

#[tokio::test]
async fn requests_sent_ahead_are_answered_in_order_and_hold_one_answer_at_a_time() {
    let service = Service::with(nowhere(), |_| (), large(2)).await;
    let mut client = narrow(service.client.address).await;
    for _ in 0..20 {
        client = asked(client, "/large").await;
    }
    eventually("an answer is held", async || held(&service).await > 0).await;
    for _ in 0..20 {
        assert!(held(&service).await <= 4 * MEBIBYTE as u64);
    }
    client
        .write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    assert!(drain(&mut client).await > 40 * MEBIBYTE);
}
