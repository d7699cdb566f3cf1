//! The server is away: what waiting for it costs, and who is told what.

use crate::support::{SOON, assert_whole, pool, warm_up};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;
use underpin_core::DatabaseUrl;
use underpin_core::url::Host;
use underpin_pool::ErrorKind;
use underpin_testkit::{private_cluster, shared_cluster, wait_until};

async fn url_of_port(port: u16) -> DatabaseUrl {
    let mut url = shared_cluster().await.url("postgres");
    url.hosts = vec![Host::Tcp {
        name: String::from("127.0.0.1"),
        port,
    }];
    url
}

/// Something that takes connections and never answers, and how many it had at most at once.
struct Silent {
    url: DatabaseUrl,
    most: Arc<AtomicUsize>,
    _server: JoinSet<()>,
}

impl Silent {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let mut url = url_of_port(address.port()).await;
        url.connect_timeout = Some(Duration::from_millis(100));
        let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut server = JoinSet::new();
        let seen = most.clone();
        server.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                let now = open.fetch_add(1, Ordering::Relaxed) + 1;
                seen.fetch_max(now, Ordering::Relaxed);
                let open = open.clone();
                clients.spawn(async move {
                    // Until the client goes.
                    let _ = tokio::io::copy(&mut socket, &mut tokio::io::sink()).await;
                    open.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
        Self {
            url,
            most,
            _server: server,
        }
    }
}

#[tokio::test]
async fn one_attempt_at_a_time_looks_whether_it_is_back() {
    let silent = Silent::start().await;
    let db = pool(silent.url.clone(), |pool| {
        pool.timeout = Duration::from_millis(200);
    });
    let is_down = async || {
        let error = db.checkout().await.unwrap_err();
        error.kind() == ErrorKind::Unavailable
    };
    wait_until(SOON, is_down).await;
    wait_until(SOON, async || db.status().creating == 1).await;
    silent.most.store(0, Ordering::Relaxed);
    let end = Instant::now() + Duration::from_secs(1);
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let db = db.clone();
        callers.spawn(async move {
            while Instant::now() < end {
                let error = db.checkout().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unavailable);
            }
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller.unwrap();
    }
    assert_eq!(silent.most.load(Ordering::Relaxed), 1);
}

/// Processor time that this thread has used, on which all of this test runs, in hundredths of a second.
#[cfg(target_os = "linux")]
fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("Linux tells");
    let (_, after_name) = stat.rsplit_once(')').expect("the name is in parentheses");
    let fields: Vec<_> = after_name.split_whitespace().collect();
    let [user, system] = [11, 12].map(|at| fields[at].parse::<u64>().expect("a number"));
    user + system
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn waiting_for_it_uses_no_processor() {
    // Nothing listens there.
    let url = url_of_port(1).await;
    let db = pool(url, |pool| pool.timeout = Duration::from_secs(2));
    let before = processor_time();
    let checkouts = (0..50).map(|_| db.checkout());
    for outcome in futures_util::future::join_all(checkouts).await {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::CheckoutTimeout);
    }
    let used = processor_time() - before;
    assert!(used < 50, "{used} of 200 hundredths");
}

#[tokio::test]
async fn closing_tells_who_waits_and_does_not_wait_for_what_is_being_opened() {
    let mut silent = Silent::start().await;
    silent.url.connect_timeout = Some(Duration::from_secs(5));
    let db = pool(silent.url.clone(), |_| {});
    let waiter = tokio::spawn({
        let db = db.clone();
        async move { db.checkout().await.map(drop) }
    });
    wait_until(SOON, async || {
        let status = db.status();
        status.waiting == 1 && status.creating == 1
    })
    .await;
    timeout(Duration::from_secs(1), db.close()).await.unwrap();
    let told = timeout(Duration::from_secs(1), waiter).await.unwrap();
    assert_eq!(told.unwrap().unwrap_err().kind(), ErrorKind::ShuttingDown);
}

#[tokio::test]
async fn restart_while_every_session_is_idle_is_no_error() {
    let mut cluster = private_cluster().await;
    let db = pool(cluster.url("postgres"), |_| {});
    warm_up(&db).await;
    cluster.restart().await;
    db.query("SELECT 1", &[]).await.unwrap();
    assert_eq!(db.status().closed.get("broken"), Some(&1));
    assert_whole(&db).await;
}

#[tokio::test]
async fn statement_that_ended_before_its_server_did_is_told_apart() {
    let db = pool(shared_cluster().await.url("postgres"), |pool| {
        (pool.size, pool.max_overflow, pool.lanes) = (1, 0, 0);
    });
    // The first statement is complete when the session is ended.
    let error = db
        .batch("SELECT 1; SELECT pg_terminate_backend(pg_backend_pid())")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("57P01"), "{error:?}");
    assert!(!error.safe_to_retry(), "something was sent");
    assert_whole(&db).await;
    assert_eq!(db.status().created, 2);
}
