//! Callers that lose patience at every moment.

use crate::support::{SOON, assert_whole, pool};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use underpin_pool::{Database, Error};
use underpin_testkit::{shared_cluster, wait_until};

/// How long the storm blows: a few seconds, or as `UNDERPIN_TEST_STORM_SECONDS=60` says.
fn duration() -> Duration {
    let seconds = std::env::var("UNDERPIN_TEST_STORM_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(5))
}

#[tokio::test(flavor = "multi_thread")]
async fn storm_of_cancels_leaves_every_account_exact() {
    let application = format!("storm_{}", uuid::Uuid::new_v4().simple());
    let mut url = shared_cluster().await.url("postgres");
    url.application_name = Some(application.clone());
    let db = pool(url, |pool| (pool.size, pool.max_overflow) = (5, 5));
    let end = Instant::now() + duration();
    let tasks: Vec<_> = (0..30)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut dropped = 0_u64;
                while Instant::now() < end {
                    let patience = Duration::from_micros(rand::random_range(0..20_000));
                    let outcome = timeout(patience, something(&db)).await;
                    dropped += u64::from(outcome.is_err());
                }
                dropped
            })
        })
        .collect();
    let mut dropped = 0;
    for task in tasks {
        dropped += task.await.unwrap();
    }
    assert_whole(&db).await;
    let status = db.status();
    let closed: u64 = status.closed.values().sum();
    println!(
        "{dropped} dropped, {} opened, {closed} closed",
        status.created
    );
    assert!(dropped > 0, "no storm");
    assert_eq!(
        status.created,
        closed + u64::try_from(status.total).unwrap(),
        "{status:?}"
    );
    wait_until(SOON, async || {
        let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
        let open: i64 = db
            .query_one(open, &[&application])
            .await
            .unwrap()
            .get(0)
            .unwrap();
        usize::try_from(open).unwrap() == db.status().total + db.status().lanes
    })
    .await;
}

async fn something(db: &Database) -> Result<(), Error> {
    match rand::random_range(0..5) {
        0 => db.checkout().await.map(drop),
        1 => db.query("SELECT pg_sleep(0.01)", &[]).await.map(drop),
        2 => db
            .query("SELECT generate_series(1, 5000)", &[])
            .await
            .map(drop),
        3 => {
            db.transaction(async |tx| {
                tx.query("SELECT 1", &[]).await?;
                tx.query("SELECT pg_sleep(0.005)", &[]).await.map(drop)
            })
            .await
        }
        _ => {
            let mut rows = db.stream("SELECT generate_series(1, 100000)", &[]).await?;
            rows.next().await.transpose().map(drop)
        }
    }
}
