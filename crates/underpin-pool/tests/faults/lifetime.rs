//! Sessions grow old, idle and few.

use crate::support::{SOON, pool};
use std::collections::HashSet;
use std::time::Duration;
use tokio::task::JoinSet;
use underpin_testkit::{shared_cluster, wait_until};

#[tokio::test]
async fn old_sessions_are_replaced_but_never_under_their_user() {
    let db = pool(shared_cluster().await.url("postgres"), |pool| {
        (pool.size, pool.lanes) = (2, 0);
        pool.recycle = Duration::from_millis(500);
    });
    let session = db.checkout().await.unwrap();
    let pid = session.backend_pid();
    wait_until(SOON, async || {
        session.query("SELECT 1", &[]).await.unwrap();
        session.backend_pid() == pid
            && !db.query("SELECT 1", &[]).await.unwrap().is_empty()
            && db.status().created >= 3
    })
    .await;
    drop(session);
    let next = db.checkout().await.unwrap();
    assert_ne!(next.backend_pid(), pid);
}

#[tokio::test]
async fn sessions_made_together_do_not_all_expire_together() {
    let db = pool(shared_cluster().await.url("postgres"), |pool| {
        (pool.size, pool.lanes) = (20, 0);
        pool.recycle = Duration::from_secs(20);
    });
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(db.checkout().await.unwrap());
    }
    let lifetimes: HashSet<_> = held.iter().map(|session| session.expires_at()).collect();
    let (first, last) = (
        lifetimes.iter().min().unwrap(),
        lifetimes.iter().max().unwrap(),
    );
    assert!(
        last.duration_since(*first) > Duration::from_millis(500),
        "{:?}",
        last.duration_since(*first)
    );
}

#[tokio::test]
async fn idle_sessions_go_down_to_the_minimum_and_the_minimum_is_refilled() {
    let db = pool(shared_cluster().await.url("postgres"), |pool| {
        (pool.size, pool.min_idle, pool.lanes) = (5, 2, 0);
        pool.idle_timeout = Duration::from_millis(200);
    });
    let mut held = Vec::new();
    for _ in 0..5 {
        held.push(db.checkout().await.unwrap());
    }
    held.clear();
    assert_eq!(db.status().checked_in, 5);
    wait_until(SOON, async || db.status().checked_in == 2).await;
    let session = db.checkout().await.unwrap();
    session.close();
    wait_until(SOON, async || db.status().checked_in == 2).await;
}

#[tokio::test]
async fn pool_shrinks_to_its_new_size_although_somebody_always_waits() {
    let db = pool(shared_cluster().await.url("postgres"), |pool| {
        (pool.size, pool.max_overflow, pool.lanes) = (6, 0, 0);
    });
    let mut users = JoinSet::new();
    for _ in 0..12 {
        let db = db.clone();
        users.spawn(async move { while db.query("SELECT pg_sleep(0.002)", &[]).await.is_ok() {} });
    }
    wait_until(SOON, async || db.status().total == 6).await;
    db.resize(1, 1);
    wait_until(SOON, async || db.status().total == 2).await;
    db.resize(4, 0);
    wait_until(SOON, async || db.status().total == 4).await;
}
