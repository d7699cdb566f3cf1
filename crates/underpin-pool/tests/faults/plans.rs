//! Prepared statements: bounded, and right after the schema changed under them.

use crate::support::pool;
use underpin_testkit::shared_cluster;

#[tokio::test]
async fn ten_thousand_different_statements_leave_no_more_than_the_cap_prepared() {
    let db = pool(shared_cluster().await.url("postgres"), |pool| {
        (
            pool.size,
            pool.max_overflow,
            pool.lanes,
            pool.statement_cache,
        ) = (1, 0, 0, 100);
    });
    for number in 0..10_000 {
        db.query(&format!("SELECT {number}"), &[]).await.unwrap();
    }
    let row = db
        .query_one("SELECT count(*) FROM pg_prepared_statements", &[])
        .await
        .unwrap();
    assert!(row.get::<i64>(0).unwrap() <= 101, "{row:?}");
}

#[tokio::test]
async fn changed_table_under_a_cached_plan_is_no_error_outside_transactions() {
    let url = shared_cluster().await.url("postgres");
    let db = pool(url, |pool| (pool.size, pool.max_overflow) = (2, 0));
    let table = format!("t_{}", uuid::Uuid::new_v4().simple());
    db.batch(&format!(
        "CREATE TABLE {table} (a int); INSERT INTO {table} VALUES (1)"
    ))
    .await
    .unwrap();
    let select = format!("SELECT * FROM {table}");
    let session = db.checkout().await.unwrap();
    assert_eq!(session.query_one(&select, &[]).await.unwrap().len(), 1);
    db.batch(&format!("ALTER TABLE {table} ADD b int"))
        .await
        .unwrap();
    assert_eq!(session.query_one(&select, &[]).await.unwrap().len(), 2);
    db.batch(&format!("ALTER TABLE {table} ALTER a TYPE text"))
        .await
        .unwrap();
    assert_eq!(
        session
            .query_one(&select, &[])
            .await
            .unwrap()
            .get::<&str>(0)
            .unwrap(),
        "1"
    );
    session.batch("DEALLOCATE ALL").await.unwrap();
    session.query_one(&select, &[]).await.unwrap();
    session.batch(&format!("DROP TABLE {table}")).await.unwrap();
}
