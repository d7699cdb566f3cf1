//! Faults on the wire, in front of an echo.

use std::io::ErrorKind;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use underpin_core::DatabaseUrl;
use underpin_core::url::Host;
use underpin_testkit::{ChaosProxy, Mode};

/// Sends back what it gets, until the test ends.
async fn echo() -> (DatabaseUrl, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: DatabaseUrl = format!(
        "postgres://user@127.0.0.1:{}/db",
        listener.local_addr().unwrap().port()
    )
    .parse()
    .unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            open.spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await.ok();
            });
        }
    });
    (url, tasks)
}

async fn connect(proxy: &ChaosProxy, url: &DatabaseUrl) -> TcpStream {
    let url = proxy.url(url);
    let Host::Tcp { name, port } = &url.hosts[0] else {
        panic!("the proxy listens on TCP")
    };
    TcpStream::connect((name.as_str(), *port)).await.unwrap()
}

async fn say(stream: &mut TcpStream, text: &str) -> std::io::Result<String> {
    stream.write_all(text.as_bytes()).await?;
    let mut heard = vec![0; text.len()];
    stream.read_exact(&mut heard).await?;
    Ok(String::from_utf8(heard).unwrap())
}

#[tokio::test]
async fn bytes_pass_in_both_directions() {
    let (url, _echo) = echo().await;
    let proxy = ChaosProxy::in_front_of(&url).await;
    let mut stream = connect(&proxy, &url).await;
    assert_eq!(say(&mut stream, "hello").await.unwrap(), "hello");
    stream.shutdown().await.unwrap();
    assert_eq!(
        stream.read(&mut [0]).await.unwrap(),
        0,
        "the end passes too"
    );
}

#[tokio::test]
async fn a_cut_resets_open_connections_and_new_ones_until_bytes_pass_again() {
    let (url, _echo) = echo().await;
    let proxy = ChaosProxy::in_front_of(&url).await;
    let mut open = connect(&proxy, &url).await;
    say(&mut open, "hello").await.unwrap();
    proxy.set(Mode::Cut);
    assert_eq!(
        open.read(&mut [0]).await.unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    let mut new = connect(&proxy, &url).await;
    assert!(say(&mut new, "hello").await.is_err());
    proxy.set(Mode::Pass);
    assert_eq!(
        say(&mut connect(&proxy, &url).await, "back").await.unwrap(),
        "back"
    );
}

#[tokio::test]
async fn a_single_cut_spares_later_connections() {
    let (url, _echo) = echo().await;
    let proxy = ChaosProxy::in_front_of(&url).await;
    let mut open = connect(&proxy, &url).await;
    say(&mut open, "hello").await.unwrap();
    proxy.cut_once();
    assert!(open.read(&mut [0]).await.is_err());
    assert_eq!(
        say(&mut connect(&proxy, &url).await, "back").await.unwrap(),
        "back"
    );
}

#[tokio::test]
async fn a_black_hole_holds_bytes_back_until_it_is_lifted() {
    let (url, _echo) = echo().await;
    let proxy = ChaosProxy::in_front_of(&url).await;
    let mut stream = connect(&proxy, &url).await;
    proxy.set(Mode::BlackHole);
    let swallowed = tokio::time::timeout(Duration::from_millis(100), say(&mut stream, "x")).await;
    assert!(swallowed.is_err());
    proxy.set(Mode::Pass);
    let mut late = [0];
    stream.read_exact(&mut late).await.unwrap();
    assert_eq!(&late, b"x");
}

#[tokio::test]
async fn a_delay_is_paid_in_each_direction() {
    let (url, _echo) = echo().await;
    let proxy = ChaosProxy::in_front_of(&url).await;
    proxy.set(Mode::Delay(Duration::from_millis(30)));
    let mut stream = connect(&proxy, &url).await;
    let begin = Instant::now();
    say(&mut stream, "hello").await.unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(60));
}
