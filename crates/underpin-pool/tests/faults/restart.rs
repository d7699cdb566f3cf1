//! The server is killed, restarted, away.

use crate::support::{SOON, assert_whole, pool, warm_up};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;
use underpin_core::DatabaseUrl;
use underpin_pool::ErrorKind;
use underpin_testkit::{private_cluster, wait_for, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn restart_under_fifty_workers_ends_in_full_service() {
    let mut cluster = private_cluster().await;
    let db = pool(cluster.url("postgres"), |pool| {
        (pool.size, pool.max_overflow) = (10, 5)
    });
    let (done, stop) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let workers: Vec<_> = (0..50)
        .map(|_| {
            let (db, done, stop) = (db.clone(), done.clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    if timeout(SOON, db.query("SELECT 1", &[]))
                        .await
                        .expect("nothing hangs")
                        .is_ok()
                    {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    wait_until(SOON, async || done.load(Ordering::Relaxed) > 1000).await;

    cluster.kill().await;
    cluster.start().await;

    let began = Instant::now();
    let before = done.load(Ordering::Relaxed);
    wait_until(SOON, async || done.load(Ordering::Relaxed) > before + 1000).await;
    let recovered = began.elapsed();
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.unwrap();
    }
    // A quiet machine needs a few hundred milliseconds, which the bench measures; here compilers may run beside.
    assert!(
        recovered < Duration::from_secs(5),
        "{recovered:?} until 1,000 statements were served"
    );
    assert_whole(&db).await;
}

#[tokio::test]
async fn waiter_gets_a_returned_session_while_the_server_refuses_new_ones() {
    let cluster = private_cluster().await;
    let proxy = underpin_testkit::ChaosProxy::in_front_of(&cluster.url("postgres")).await;
    let url = proxy.url(&cluster.url("postgres"));
    let db = pool(url, |pool| (pool.size, pool.lanes) = (2, 0));
    let held = db.checkout().await.unwrap();
    // New connections hang from now on; the open one goes on when the proxy passes again.
    proxy.set(underpin_testkit::Mode::BlackHole);
    let waiter = tokio::spawn({
        let db = db.clone();
        async move { db.checkout().await.map(|session| session.backend_pid()) }
    });
    wait_until(SOON, async || db.status().waiting == 1).await;
    let pid = held.backend_pid();
    drop(held);
    assert_eq!(timeout(SOON, waiter).await.unwrap().unwrap().unwrap(), pid);
}

#[tokio::test]
async fn server_that_is_away_is_told_at_once_after_the_first_timeout_and_found_again() {
    let mut cluster = private_cluster().await;
    let db = pool(cluster.url("postgres"), |pool| {
        pool.timeout = Duration::from_millis(300)
    });
    warm_up(&db).await;
    cluster.stop().await;
    wait_until(SOON, async || {
        let began = Instant::now();
        let outcome = db.query("SELECT 1", &[]).await;
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{:?}",
            began.elapsed()
        );
        outcome.is_err_and(|error| error.kind() == ErrorKind::Unavailable)
    })
    .await;
    cluster.start().await;
    assert_whole(&db).await;
}

#[tokio::test]
async fn callers_that_ask_again_at_once_do_not_keep_a_returned_server_from_being_found() {
    let mut cluster = private_cluster().await;
    // The callers have all threads of this runtime to themselves, so that this test sees it when they never let go.
    let busy = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let db = {
        let _within = busy.enter();
        pool(cluster.url("postgres"), |pool| {
            pool.timeout = Duration::from_millis(200);
        })
    };
    cluster.stop().await;
    wait_until(SOON, async || {
        let outcome = db.query("SELECT 1", &[]).await;
        outcome.is_err_and(|error| error.kind() == ErrorKind::Unavailable)
    })
    .await;
    let served = Arc::new(AtomicU64::new(0));
    for _ in 0..4 {
        let (db, served) = (db.clone(), served.clone());
        busy.spawn(async move {
            while db.query("SELECT 1", &[]).await.is_err() {}
            served.fetch_add(1, Ordering::Relaxed);
        });
    }
    cluster.start().await;
    let found = wait_for(SOON, async || {
        (served.load(Ordering::Relaxed) == 4).then_some(())
    })
    .await;
    busy.shutdown_background();
    assert!(found.is_some(), "{:?}", db.status());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_attempts_that_fail_together_one_goes_on_while_somebody_waits() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://nobody@{}/none", closed.local_addr().unwrap());
    let url: DatabaseUrl = url.parse().unwrap();
    drop(closed);
    for _ in 0..400 {
        let db = pool(url.clone(), |pool| {
            pool.timeout = Duration::from_millis(10);
        });
        let mut checkouts = JoinSet::new();
        for _ in 0..8 {
            let db = db.clone();
            checkouts.spawn(async move { db.checkout().await.map(drop) });
        }
        while checkouts.try_join_next().is_none() {
            let status = db.status();
            assert!(status.waiting == 0 || status.creating > 0, "{status:?}");
            yield_now().await;
        }
    }
}
