//! The reserved connection: an answer while every session is in use.

use crate::support::{SOON, options, pool_of};
use std::time::Duration;
use tokio::time::timeout;
use underpin_pool::{Database, ErrorKind};
use underpin_testkit::wait_until;

const PID: &str = "SELECT pg_backend_pid()";

async fn pid(db: &Database) -> i32 {
    db.query_one(PID, &[])
        .await
        .expect("the server answers")
        .get(0)
        .expect("a value")
}

#[tokio::test]
async fn reserved_connection_answers_while_every_session_is_in_use() {
    let db = pool_of(1).await;
    let held = db.checkout().await.unwrap();
    let reserved = db.reserved().unwrap();
    let first = pid(&reserved).await;
    assert_ne!(first, held.backend_pid());
    assert_eq!(pid(&db.clone().reserved().unwrap()).await, first, "shared");
    let status = db.status();
    assert_eq!((status.total, status.checked_out), (1, 1), "{status:?}");
}

#[tokio::test]
async fn reserved_connection_that_is_lost_is_opened_again() {
    let db = pool_of(1).await;
    let reserved = db.reserved().unwrap();
    let first = pid(&reserved).await;
    db.query("SELECT pg_terminate_backend($1, 5000)", &[&first])
        .await
        .unwrap();
    wait_until(SOON, async || match reserved.query_one(PID, &[]).await {
        Ok(row) => row.get::<i32>(0).unwrap() != first,
        Err(_) => false,
    })
    .await;
}

#[tokio::test]
async fn reserved_connection_is_closed_with_the_pool() {
    let db = Database::connect(options(|pool| pool.shutdown_grace = Duration::from_secs(1)).await)
        .await
        .unwrap();
    let reserved = db.reserved().unwrap();
    let question = reserved.query("SELECT pg_sleep(600)", &[]);
    let (asked, ()) = tokio::join!(timeout(SOON * 2, question), async {
        wait_until(SOON, async || reserved.status().checked_out == 1).await;
        timeout(SOON, db.close()).await.unwrap();
    });
    asked.unwrap().unwrap_err();
    for closed in [reserved, db.reserved().unwrap()] {
        let error = closed.query("SELECT 1", &[]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ShuttingDown);
    }
    let never_asked = pool_of(1).await;
    never_asked.close().await;
    let late = never_asked.reserved().unwrap();
    let error = late.query("SELECT 1", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ShuttingDown);
}
