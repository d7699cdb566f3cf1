//! Databases of a test's own.

use std::panic::AssertUnwindSafe;
use underpin_pool::Session;
use underpin_testkit::{TestDb, shared_cluster};

/// The words with which dropping `db` fails.
fn complaint_of(db: TestDb) -> Option<String> {
    let dropped = std::panic::catch_unwind(AssertUnwindSafe(|| drop(db)));
    dropped
        .err()
        .map(|panic| *panic.downcast::<String>().expect("a formatted panic"))
}

async fn exists(name: &str) -> bool {
    let admin = Session::connect(&shared_cluster().await.url("postgres").into())
        .await
        .unwrap();
    admin
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name])
        .await
        .unwrap()
        .is_some()
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own_that_is_dropped_afterwards() {
    let (one, two) = (TestDb::empty().await, TestDb::empty().await);
    one.database().batch("CREATE TABLE t ()").await.unwrap();
    two.database().batch("CREATE TABLE t ()").await.unwrap();
    let name = one.url().database.clone();
    assert!(exists(&name).await);
    drop(one);
    assert!(!exists(&name).await);
}

#[tokio::test]
async fn an_open_transaction_fails_the_test() {
    let db = TestDb::empty().await;
    let outside = Session::connect(&db.options()).await.unwrap();
    outside.batch("BEGIN; SELECT 1").await.unwrap();
    let said = complaint_of(db).unwrap();
    assert!(
        said.contains("a transaction, open in server process"),
        "{said}"
    );
}

#[tokio::test]
async fn an_advisory_lock_fails_the_test() {
    let db = TestDb::empty().await;
    let outside = Session::connect(&db.options()).await.unwrap();
    outside
        .batch("SELECT pg_advisory_lock(1, 2)")
        .await
        .unwrap();
    let said = complaint_of(db).unwrap();
    assert!(said.contains("the advisory lock (1, 2)"), "{said}");
}

#[tokio::test]
async fn a_checkout_that_is_still_out_fails_the_test() {
    let db = TestDb::empty().await;
    let session = db.database().checkout().await.unwrap();
    let name = db.url().database.clone();
    let said = complaint_of(db).unwrap();
    assert!(
        said.contains("1 checkouts that were not returned"),
        "{said}"
    );
    assert!(!exists(&name).await, "it is dropped all the same");
    drop(session);
}

#[tokio::test]
async fn what_was_dropped_a_moment_ago_is_no_leak() {
    let db = TestDb::empty().await;
    let tx = db.database().begin().await.unwrap();
    tx.batch("CREATE TABLE t ()").await.unwrap();
    drop(tx);
    assert_eq!(complaint_of(db), None);
}

#[tokio::test]
async fn a_failing_test_keeps_its_own_failure() {
    let db = TestDb::empty().await;
    let outside = Session::connect(&db.options()).await.unwrap();
    outside
        .batch("SELECT pg_advisory_lock(1, 2)")
        .await
        .unwrap();
    let name = db.url().database.clone();
    let failing = AssertUnwindSafe(|| {
        let _db = db;
        panic!("its own failure");
    });
    let panic = std::panic::catch_unwind(failing).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"its own failure"));
    assert!(!exists(&name).await);
}

#[tokio::test]
async fn assert_clean_passes_on_a_clean_database_and_names_what_is_open() {
    let db = TestDb::empty().await;
    db.assert_clean().await;
    let tx = db.database().begin().await.unwrap();
    tx.query("SELECT 1", &[]).await.unwrap();
    tx.rollback().await.unwrap();
    db.assert_clean().await;
}
