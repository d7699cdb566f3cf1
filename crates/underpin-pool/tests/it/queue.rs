//! Checkouts that wait: who is served first, and what a new size means for them.

use crate::support::{SOON, pool_of};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use underpin_pool::ErrorKind;
use underpin_testkit::wait_until;

#[tokio::test]
async fn returned_session_goes_to_whoever_waits_longest() {
    let db = pool_of(1).await;
    let held = db.checkout().await.unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiters = Vec::new();
    for number in 0..5 {
        let (pool, order) = (db.clone(), order.clone());
        waiters.push(tokio::spawn(async move {
            let _session = pool.checkout().await.unwrap();
            order.lock().unwrap().push(number);
        }));
        wait_until(SOON, async || db.status().waiting == number + 1).await;
    }
    drop(held);
    for waiter in waiters {
        waiter.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn newcomer_does_not_overtake_who_waits() {
    let db = pool_of(1).await;
    let held = db.checkout().await.unwrap();
    let (enough, told) = oneshot::channel::<()>();
    let waiter = tokio::spawn({
        let db = db.clone();
        async move {
            let _session = db.checkout().await.unwrap();
            told.await.unwrap();
        }
    });
    wait_until(SOON, async || db.status().waiting == 1).await;
    drop(held);
    let newcomer = db.checkout_within(Duration::from_millis(20)).await;
    assert_eq!(newcomer.unwrap_err().kind(), ErrorKind::CheckoutTimeout);
    enough.send(()).unwrap();
    waiter.await.unwrap();
}

#[tokio::test]
async fn resizing_down_closes_what_is_too_many() {
    let db = pool_of(4).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(db.checkout().await.unwrap());
    }
    db.resize(1, 0);
    held.clear();
    assert_eq!(db.status().total, 1);
    db.resize(2, 0);
    let _one = db.checkout().await.unwrap();
    let _two = db.checkout().await.unwrap();
}

#[tokio::test]
async fn resizing_up_serves_who_waits() {
    let db = pool_of(1).await;
    let _held = db.checkout().await.unwrap();
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.checkout().await.map(drop) })
        })
        .collect();
    wait_until(SOON, async || db.status().waiting == 3).await;
    db.resize(2, 1);
    for waiter in waiters {
        waiter.await.unwrap().unwrap();
    }
    assert!(db.status().total <= 3, "{:?}", db.status());
}
