//! LISTEN and NOTIFY.

use crate::fake_server::Server;
use crate::support::{SOON, options, pool_of, unique};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;
use underpin_core::Chain;
use underpin_core::url::{Host, SslMode};
use underpin_pool::{ErrorKind, Listener, Notification, Options};
use underpin_testkit::{ChaosProxy, private_cluster, shared_cluster};

/// How long a machine under load may take for what is quick.
const PATIENCE: Duration = Duration::from_secs(30);

fn payload(notification: &Notification) -> &str {
    match notification {
        Notification::Message { payload, .. } => payload,
        other => panic!("expected a message, got {other:?}"),
    }
}

#[tokio::test]
async fn notifications_arrive_in_order() {
    let channel = unique("Chan \"nel");
    let mut listener = Listener::connect(options(|_| {}).await).await.unwrap();
    listener.listen(&channel).await.unwrap();
    let db = pool_of(1).await;
    for number in 0..100 {
        db.execute("SELECT pg_notify($1, $2)", &[&channel, &number.to_string()])
            .await
            .unwrap();
    }
    for number in 0..100 {
        let notification = timeout(SOON, listener.next()).await.unwrap().unwrap();
        assert_eq!(payload(&notification), number.to_string());
    }
}

#[tokio::test]
async fn listener_that_lost_its_connection_says_so_and_goes_on() {
    let cluster = shared_cluster().await;
    let url = cluster.tcp_url("postgres");
    let proxy = ChaosProxy::in_front_of(&url).await;
    let mut options = options(|_| {}).await;
    options.url = proxy.url(&url);
    let channel = unique("channel");
    let mut listener = Listener::connect(options).await.unwrap();
    listener.listen(&channel).await.unwrap();
    proxy.cut_once();
    let gap = timeout(SOON, listener.next()).await.unwrap().unwrap();
    assert_eq!(gap, Notification::Gap);
    let db = pool_of(1).await;
    db.execute("SELECT pg_notify($1, 'again')", &[&channel])
        .await
        .unwrap();
    let next = timeout(SOON, listener.next()).await.unwrap().unwrap();
    assert_eq!(payload(&next), "again");
}

#[tokio::test]
async fn names_that_no_channel_can_have_are_refused_and_all_others_go_on() {
    let cluster = shared_cluster().await;
    let url = cluster.tcp_url("postgres");
    let proxy = ChaosProxy::in_front_of(&url).await;
    let mut listener = Listener::connect(Options::new(proxy.url(&url)))
        .await
        .unwrap();
    let longest = unique(&"x".repeat(30));
    assert_eq!(longest.len(), 63);
    listener.listen(&longest).await.unwrap();
    for name in ["", "a\0b", "\0", &"x".repeat(64), &"\u{e9}".repeat(32)] {
        for outcome in [listener.listen(name).await, listener.unlisten(name).await] {
            let error = outcome.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::InvalidInput,
                "{name:?}: {}",
                Chain(&error)
            );
        }
    }
    proxy.cut_once();
    let gap = timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
    assert_eq!(gap, Notification::Gap);
    let db = pool_of(1).await;
    db.execute("SELECT pg_notify($1, 'still')", &[&longest])
        .await
        .unwrap();
    let next = timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
    assert_eq!(payload(&next), "still");
}

#[tokio::test]
async fn channel_that_the_server_refused_is_not_listened_to_and_may_be_tried_again() {
    let primary = private_cluster().await;
    let standby = primary.replica().await;
    let options = Options::new(standby.url("postgres"));
    let mut listener = Listener::connect(options).await.unwrap();
    let error = listener.listen("news").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly, "{}", Chain(&error));

    standby.promote().await;
    listener.listen("sport").await.unwrap();
    let admin = standby.admin().await;
    admin
        .batch("NOTIFY news, 'no'; NOTIFY sport, 'yes'")
        .await
        .unwrap();
    let next = timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
    assert_eq!(payload(&next), "yes");
    listener.listen("news").await.unwrap();
    admin.batch("NOTIFY news, 'now'").await.unwrap();
    let next = timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
    assert_eq!(payload(&next), "now");
}

/// What a fake server does with a LISTEN.
enum Mood {
    /// Takes it.
    Takes,
    /// Refuses this channel with this code.
    Refuses(&'static str, &'static str),
    /// Says nothing.
    Hangs,
}

/// A server that takes one connection for each mood, and ends all but the last one once it has listened.
async fn serve(listener: TcpListener, moods: Vec<Mood>) {
    let last = moods.len() - 1;
    for (number, mood) in moods.into_iter().enumerate() {
        let (socket, _) = listener.accept().await.unwrap();
        let mut server = Server(socket);
        server.let_in().await;
        let mut listens = Vec::new();
        while let Some((tag, sql)) = server.read().await {
            if tag != b'Q' {
                break;
            }
            if sql.contains("pg_backend_pid") {
                server.tell_pid().await;
                continue;
            }
            match &mood {
                Mood::Hangs => continue,
                Mood::Refuses(channel, code) if sql.contains(channel) => {
                    server
                        .report(
                            b'E',
                            &["SERROR", "VERROR", &format!("C{code}"), "Mnot this one"],
                        )
                        .await;
                }
                _ => {
                    listens.push(sql);
                    server.message(b'C', b"LISTEN\0").await;
                }
            }
            server.ready().await;
            // Both channels are listened to, together or each for itself.
            if listens.iter().any(|sql| sql.contains("good"))
                && number < last
                && listens.concat().contains("other")
            {
                break;
            }
            if number == last && listens.iter().any(|sql| sql.contains("good")) {
                let notification = [&7_u32.to_be_bytes()[..], b"good\0hello\0"].concat();
                server.message(b'A', &notification).await;
            }
        }
    }
}

async fn listener_among(moods: Vec<Mood>) -> Listener {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = options(|_| {}).await;
    options.url.hosts = vec![Host::Tcp {
        name: String::from("127.0.0.1"),
        port: socket.local_addr().unwrap().port(),
    }];
    options.url.tls.mode = SslMode::Disable;
    tokio::spawn(serve(socket, moods));
    let mut listener = Listener::connect(options).await.unwrap();
    listener.listen("good").await.unwrap();
    listener.listen("other").await.unwrap();
    listener
}

#[tokio::test]
async fn channel_that_is_refused_after_a_reconnect_is_told_once_and_all_others_go_on() {
    let moods = vec![Mood::Takes, Mood::Refuses("other", "42501")];
    let mut listener = listener_among(moods).await;
    let gap = timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
    assert_eq!(gap, Notification::Gap);
    let error = timeout(PATIENCE, listener.next())
        .await
        .unwrap()
        .unwrap_err();
    let text = Chain(&error).to_string();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{text}");
    assert!(
        text.contains("other") && text.contains("not this one"),
        "{text}"
    );
    let next = timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
    assert_eq!(payload(&next), "hello");
}

#[tokio::test]
async fn server_that_cannot_listen_just_now_is_asked_again_for_all_channels() {
    // A standby, a server without memory, one that hangs: none of them is a reason to forget a channel.
    let moods = vec![
        Mood::Takes,
        Mood::Refuses("good", "25006"),
        Mood::Refuses("good", "53200"),
        Mood::Hangs,
        Mood::Takes,
    ];
    let mut listener = listener_among(moods).await;
    let gap = timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
    assert_eq!(gap, Notification::Gap);
    let next = timeout(PATIENCE, listener.next()).await.unwrap().unwrap();
    assert_eq!(payload(&next), "hello");
}
