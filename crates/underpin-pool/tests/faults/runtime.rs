//! The runtime under the pool ends before the pool does.

use crate::support::{SOON, pool};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::task::spawn_blocking;
use underpin_pool::ErrorKind;
use underpin_testkit::{shared_cluster, wait_until};

#[tokio::test]
async fn session_that_outlives_the_runtime_of_its_pool_can_still_be_closed_under_waiters() {
    let url = shared_cluster().await.url("postgres");
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let db = {
        let _within = runtime.enter();
        pool(url, |pool| {
            (pool.size, pool.max_overflow) = (1, 0);
            pool.timeout = Duration::from_secs(2);
        })
    };
    let held = db.checkout().await.unwrap();
    let waiter = tokio::spawn({
        let db = db.clone();
        async move { db.checkout().await.map(drop) }
    });
    wait_until(SOON, async || db.status().waiting == 1).await;
    spawn_blocking(move || drop(runtime)).await.unwrap();
    // In a thread of its own, so that this test sees it when it hangs.
    let closed = std::thread::spawn(move || held.close());
    wait_until(SOON, async || closed.is_finished()).await;
    assert_eq!(db.status().creating, 0);
    let error = waiter.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckoutTimeout);
}
