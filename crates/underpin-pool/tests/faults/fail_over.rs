//! The server stays alive and stops taking writes.

use crate::support::{SOON, pool};
use underpin_core::Secret;
use underpin_pool::ErrorKind;
use underpin_testkit::{private_cluster, wait_until};

#[tokio::test]
async fn demoted_server_is_left_at_the_first_refused_write() {
    let cluster = private_cluster().await;
    let admin = pool(cluster.url("postgres"), |_| {});
    admin.batch("CREATE TABLE t (id int)").await.unwrap();
    let db = pool(cluster.url("postgres"), |pool| {
        (pool.size, pool.lanes) = (4, 0)
    });
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(db.checkout().await.unwrap());
    }
    held.clear();

    admin
        .batch("ALTER SYSTEM SET default_transaction_read_only = on")
        .await
        .unwrap();
    admin.batch("SELECT pg_reload_conf()").await.unwrap();
    wait_until(SOON, async || {
        let refused = db.execute("INSERT INTO t VALUES (1)", &[]).await;
        refused.is_err_and(|error| error.kind() == ErrorKind::ReadOnly)
    })
    .await;
    wait_until(SOON, async || db.status().checked_out == 0).await;
    // All four sessions go, not one by one as each is refused: the other three are never lent again.
    for _ in 0..4 {
        held.push(db.checkout().await.unwrap());
    }
    assert!(db.status().created >= 8, "{:?}", db.status());
    drop(held);

    admin
        .batch("ALTER SYSTEM RESET default_transaction_read_only")
        .await
        .unwrap();
    admin.batch("SELECT pg_reload_conf()").await.unwrap();
    wait_until(SOON, async || {
        db.execute("INSERT INTO t VALUES (1)", &[]).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn rotated_password_is_used_by_new_sessions_while_open_ones_stay() {
    let cluster = private_cluster().await;
    let admin = pool(cluster.url("postgres"), |_| {});
    admin
        .batch("CREATE ROLE app LOGIN PASSWORD 'first'")
        .await
        .unwrap();
    let mut url = cluster.url("postgres");
    url.user = String::from("app");
    url.password = Some(Secret::new(String::from("first")));
    let db = pool(url, |pool| pool.lanes = 0);
    let held = db.checkout().await.unwrap();
    admin
        .batch("ALTER ROLE app PASSWORD 'second'")
        .await
        .unwrap();

    held.query("SELECT 1", &[]).await.unwrap();
    let error = tokio::time::timeout(SOON, db.checkout())
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Authentication | ErrorKind::CheckoutTimeout
        ),
        "{error:?}"
    );
    db.set_password(Secret::new(String::from("second")));
    wait_until(SOON, async || db.checkout().await.is_ok()).await;
}
