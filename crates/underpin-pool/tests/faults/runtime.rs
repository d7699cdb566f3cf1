//! The runtime under the pool ends before the pool does.

use crate::support::{SOON, pool};
use futures_util::future::join_all;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use underpin_pool::{Database, ErrorKind};
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
    assert_eq!(error.kind(), ErrorKind::ShuttingDown);
}

const SHORT: &str = "SELECT 1";

/// A pool with a lane that is connected, as a static one that several tests share.
fn shared_pool() -> (Database, Vec<ErrorKind>) {
    let first = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let db = first.block_on(async {
        let url = shared_cluster().await.url("postgres");
        let db = pool(url, |pool| (pool.size, pool.lanes) = (2, 1));
        wait_until(SOON, async || {
            join_all((0..8).map(|_| db.query(SHORT, &[]))).await;
            db.status().lanes == 1
        })
        .await;
        db
    });
    // Statements that no runtime drives to their end, some of them on the lane.
    let mut late: Vec<_> = (0..8).map(|_| Box::pin(db.query(SHORT, &[]))).collect();
    first.block_on(async {
        for statement in &mut late {
            let _ = futures_util::poll!(statement.as_mut());
        }
    });
    drop(first);
    let second = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let outcomes = second.block_on(async { timeout(SOON, join_all(late)).await });
    let outcomes = outcomes.expect("nobody is left waiting");
    let failures = outcomes.into_iter().filter_map(Result::err);
    let failures = failures.map(|error| error.kind()).collect();
    (db, failures)
}

#[test]
fn pool_whose_runtime_has_ended_says_so_at_once_in_the_next_one() {
    let (db, failures) = shared_pool();
    for kind in failures {
        assert!(
            matches!(kind, ErrorKind::Disconnected | ErrorKind::ShuttingDown),
            "{kind:?}"
        );
    }
    let next = Builder::new_current_thread().enable_all().build().unwrap();
    next.block_on(async {
        let patience = db.options().pool.timeout / 2;
        for sql in [SHORT, "SELECT 2"] {
            let refused = timeout(patience, db.query(sql, &[])).await.unwrap();
            let error = refused.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ShuttingDown);
            assert!(error.to_string().contains("runtime"), "{error}");
            assert!(error.hint().unwrap().contains("tokio::test"));
        }
        let reserved = db.reserved().unwrap();
        let refused = timeout(patience, reserved.query(SHORT, &[])).await.unwrap();
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ShuttingDown);
        timeout(patience, db.close()).await.unwrap();
    });
}
