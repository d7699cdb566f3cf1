//! Checkouts: limits, deadlines, fairness, and what an error tells.

use crate::support::{LogLines, SOON, options, pool_of};
use std::time::{Duration, Instant};
use underpin_core::Chain;
use underpin_pool::{Database, ErrorKind, Options};
use underpin_testkit::{private_cluster, private_cluster_with, wait_until};

#[tokio::test]
async fn checkout_times_out_when_the_pool_is_exhausted_and_says_why() {
    let db = pool_of(1).await;
    let _held = db.checkout().await.unwrap();
    let began = Instant::now();
    let error = db
        .checkout_within(Duration::from_millis(100))
        .await
        .unwrap_err();
    let waited = began.elapsed();
    assert_eq!(error.kind(), ErrorKind::CheckoutTimeout);
    assert!(error.to_string().contains("1 in use, 0 idle"), "{error}");
    assert!(
        waited >= Duration::from_millis(100) && waited < Duration::from_millis(400),
        "{waited:?}"
    );
    assert_eq!(db.status().waiting, 0);
}

#[tokio::test]
async fn who_waits_in_vain_is_told_how_many_others_wait() {
    let db = pool_of(1).await;
    let _held = db.checkout().await.unwrap();
    for (others, told) in ["0 others waiting", "1 other waiting", "2 others waiting"]
        .into_iter()
        .enumerate()
    {
        let waiting: Vec<_> = (0..others)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { db.checkout_within(SOON * 10).await.map(drop) })
            })
            .collect();
        wait_until(SOON, async || db.status().waiting == others).await;
        let error = db.checkout_within(Duration::from_millis(50)).await;
        let text = error.unwrap_err().to_string();
        assert!(text.contains(told), "{text}");
        for task in waiting {
            task.abort();
        }
        wait_until(SOON, async || db.status().waiting == 0).await;
    }
}

#[tokio::test]
async fn overflow_is_opened_under_load_and_closed_on_return() {
    let options = options(|pool| (pool.size, pool.max_overflow) = (5, 10)).await;
    let db = Database::connect(options).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..15 {
        held.push(db.checkout().await.unwrap());
    }
    let status = db.status();
    assert_eq!(
        (status.checked_out, status.overflow, status.total),
        (15, 10, 15)
    );
    assert!(
        db.checkout_within(Duration::from_millis(50)).await.is_err(),
        "a sixteenth"
    );
    held.clear();
    let status = db.status();
    assert_eq!(
        (status.checked_in, status.overflow, status.total),
        (5, 0, 5)
    );
    assert_eq!(status.closed.get("overflow"), Some(&10));
}

#[tokio::test]
async fn sessions_killed_while_idle_are_not_handed_out() {
    let db = pool_of(5).await;
    let mut held = Vec::new();
    for _ in 0..5 {
        held.push(db.checkout().await.unwrap());
    }
    let old: Vec<i32> = held.iter().map(|session| session.backend_pid()).collect();
    held.clear();
    let admin = pool_of(1).await;
    for pid in &old {
        admin
            .execute("SELECT pg_terminate_backend($1, 5000)", &[pid])
            .await
            .unwrap();
    }
    for _ in 0..5 {
        let session = db.checkout().await.unwrap();
        assert!(!old.contains(&session.backend_pid()));
        session.query("SELECT 1", &[]).await.unwrap();
    }
    assert!(db.status().total <= 5);
}

#[tokio::test]
async fn database_down_at_boot_is_found_when_it_comes_up() {
    let mut cluster = private_cluster().await;
    let url = cluster.url("postgres");
    cluster.stop().await;
    let db = Database::lazy(url).unwrap();
    let checkout = tokio::spawn({
        let db = db.clone();
        async move { db.query_one("SELECT 1", &[]).await.map(|_| ()) }
    });
    wait_until(SOON, async || db.status().waiting == 1).await;
    cluster.start().await;
    checkout.await.unwrap().unwrap();
}

#[tokio::test]
async fn database_down_for_good_fails_at_the_deadline_and_then_at_once() {
    let mut cluster = private_cluster().await;
    let mut options = Options::new(cluster.url("postgres"));
    options.pool.timeout = Duration::from_millis(500);
    cluster.stop().await;
    let db = Database::lazy(options).unwrap();

    let began = Instant::now();
    let error = db.checkout().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckoutTimeout);
    assert!(
        Chain(&error).to_string().contains("Connection refused"),
        "{}",
        Chain(&error)
    );
    assert!(
        began.elapsed() < Duration::from_millis(900),
        "{:?}",
        began.elapsed()
    );

    wait_until(SOON, async || {
        let began = Instant::now();
        let error = db.checkout().await.unwrap_err();
        error.kind() == ErrorKind::Unavailable && began.elapsed() < Duration::from_millis(5)
    })
    .await;

    cluster.start().await;
    wait_until(SOON, async || db.checkout().await.is_ok()).await;
}

#[tokio::test]
async fn wrong_password_fails_a_checkout_at_once() {
    let mut options = options(|_| {}).await;
    options.url.password = Some(underpin_core::Secret::new(String::from("wrong")));
    let db = Database::lazy(options).unwrap();
    let began = Instant::now();
    let error = db.checkout().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn closed_pool_says_so_and_closing_twice_is_harmless() {
    let db = pool_of(2).await;
    let held = db.checkout().await.unwrap();
    let closing = tokio::spawn({
        let db = db.clone();
        async move { db.close().await }
    });
    wait_until(SOON, async || {
        matches!(db.checkout().await, Err(error) if error.kind() == ErrorKind::ShuttingDown)
    })
    .await;
    held.query("SELECT 1", &[]).await.unwrap();
    drop(held);
    closing.await.unwrap();
    db.close().await;
    assert_eq!(db.status().total, 0);
}

#[tokio::test]
async fn spike_is_served_by_the_sessions_there_are() {
    let slow_to_connect =
        private_cluster_with(|settings| settings.with_server_setting("pre_auth_delay", "1s")).await;
    let mut options = Options::new(slow_to_connect.url("postgres"));
    options.pool.size = 20;
    let db = Database::lazy(options).unwrap();
    let mut held = Vec::new();
    for _ in 0..5 {
        held.push(db.checkout().await.unwrap());
    }
    held.clear();
    wait_until(SOON, async || db.status().creating == 0).await;
    let before = db.status().total;

    let began = Instant::now();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.query("SELECT pg_sleep(0.002)", &[]).await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert!(
        began.elapsed() < Duration::from_millis(500),
        "{:?}",
        began.elapsed()
    );
    wait_until(SOON, async || db.status().creating == 0).await;
    assert!(db.status().total <= before + 1, "{:?}", db.status());
}

#[tokio::test]
async fn timeout_names_the_place_that_holds_a_session_for_longest() {
    let db = pool_of(1).await;
    let line = line!() + 1;
    let _held = db.checkout().await.unwrap();
    let error = db
        .checkout_within(Duration::from_millis(50))
        .await
        .unwrap_err();
    let hint = error.hint().unwrap();
    assert!(hint.contains(&format!("checkout.rs:{line}:")), "{hint}");
}

#[tokio::test]
async fn closing_cuts_off_sessions_that_are_not_returned_in_time() {
    let options = options(|pool| pool.shutdown_grace = Duration::from_millis(100)).await;
    let db = Database::connect(options).await.unwrap();
    let session = db.checkout().await.unwrap();
    let stuck =
        tokio::spawn(async move { session.query("SELECT pg_sleep(60)", &[]).await.map(drop) });
    wait_until(SOON, async || db.status().checked_out == 1).await;
    let began = Instant::now();
    db.close().await;
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    let error = stuck.await.unwrap().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Disconnected),
        "{error:?}"
    );
    wait_until(SOON, async || db.status().total == 0).await;
}

#[tokio::test]
async fn session_held_for_long_is_logged_once_with_its_place_and_again_when_it_returns() {
    let log = LogLines::capture();
    let options = options(|pool| pool.leak_threshold = Some(Duration::from_millis(100))).await;
    let db = Database::connect(options).await.unwrap();
    let line = line!() + 1;
    let held = db.checkout().await.unwrap();
    wait_until(SOON, async || log.count("is it leaked?") == 1).await;
    assert!(
        log.count(&format!("checkout.rs:{line}:")) == 1,
        "{}",
        log.text()
    );
    wait_until(SOON, async || db.status().checked_out == 1).await;
    drop(held);
    assert_eq!(log.count("a session held for long was returned"), 1);
    assert_eq!(log.count("is it leaked?"), 1);
}

#[tokio::test]
async fn slow_statement_is_logged_without_its_values() {
    let log = LogLines::capture();
    let options = options(|pool| pool.slow_query = Duration::from_millis(1)).await;
    let db = Database::connect(options).await.unwrap();
    db.query("SELECT pg_sleep(0.01), 'secret', $1::text", &[&"hidden"])
        .await
        .unwrap();
    assert_eq!(
        log.count("SELECT pg_sleep(?), ?, $1::text"),
        1,
        "{}",
        log.text()
    );
    assert_eq!(log.count("secret") + log.count("hidden"), 0);
}
