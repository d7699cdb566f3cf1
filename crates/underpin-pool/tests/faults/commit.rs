//! The connection breaks at the worst moment.

use crate::support::{assert_whole, pool};
use std::sync::atomic::{AtomicU32, Ordering};
use underpin_pool::{Error, ErrorKind};
use underpin_testkit::{ChaosProxy, Mode, private_cluster};

#[tokio::test]
async fn commit_whose_answer_is_lost_is_an_unknown_outcome_and_is_not_repeated() {
    let cluster = private_cluster().await;
    let url = cluster.url("postgres");
    let direct = pool(url.clone(), |_| {});
    direct.batch("CREATE TABLE written (id int)").await.unwrap();
    let proxy = ChaosProxy::in_front_of(&url).await;
    let db = pool(proxy.url(&url), |_| {});
    db.query("SELECT 1", &[]).await.unwrap();
    proxy.set(Mode::CutAnswerTo("COMMIT"));

    let rounds = AtomicU32::new(0);
    let error = db
        .transaction(async |tx| -> Result<(), Error> {
            rounds.fetch_add(1, Ordering::Relaxed);
            tx.execute("INSERT INTO written VALUES (1)", &[]).await?;
            Ok(())
        })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownOutcome);
    assert!(!error.is_retryable() && !error.safe_to_retry());
    assert_eq!(rounds.load(Ordering::Relaxed), 1);
    let written: i64 = direct
        .query_one("SELECT count(*) FROM written", &[])
        .await
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(written, 1, "the server had committed");
    proxy.set(Mode::Pass);
    assert_whole(&db).await;
}

#[tokio::test]
async fn statement_cut_before_commit_is_disconnected_and_leaves_nothing() {
    let cluster = private_cluster().await;
    let url = cluster.url("postgres");
    let direct = pool(url.clone(), |_| {});
    direct.batch("CREATE TABLE written (id int)").await.unwrap();
    let proxy = ChaosProxy::in_front_of(&url).await;
    let db = pool(proxy.url(&url), |_| {});
    let tx = db.begin().await.unwrap();
    tx.execute("INSERT INTO written VALUES (1)", &[])
        .await
        .unwrap();
    proxy.cut_once();
    let error = tx
        .execute("INSERT INTO written VALUES (2)", &[])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    drop(tx);
    assert_whole(&db).await;
    let written: i64 = direct
        .query_one("SELECT count(*) FROM written", &[])
        .await
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(written, 0);
}
