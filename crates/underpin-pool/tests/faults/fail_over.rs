//! Another server becomes the primary, or ours stops taking writes, or the password changes.

use crate::support::{SOON, assert_whole, pool};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use tokio::task::JoinSet;
use tokio::time::timeout;
use underpin_core::Secret;
use underpin_core::url::TargetSessionAttrs;
use underpin_pool::{Database, ErrorKind};
use underpin_testkit::{private_cluster, wait_until};

/// Writers that each note which of their rows were confirmed. A row is written again only when nothing was sent.
#[derive(Default)]
struct Ledger {
    next: AtomicI64,
    confirmed: AtomicUsize,
    stop: AtomicBool,
}

impl Ledger {
    async fn write(self: Arc<Self>, db: Database) -> BTreeSet<i64> {
        let mut confirmed = BTreeSet::new();
        while !self.stop.load(Ordering::Relaxed) {
            let id = self.next.fetch_add(1, Ordering::Relaxed);
            loop {
                let insert = async { db.execute("INSERT INTO ledger VALUES ($1)", &[&id]).await };
                match timeout(SOON, insert).await.expect("nothing hangs") {
                    Ok(_) => {
                        confirmed.insert(id);
                        self.confirmed.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(error) if error.safe_to_retry() && !self.stop.load(Ordering::Relaxed) => {
                        continue;
                    }
                    // Written or not: nobody was told.
                    Err(_) => {}
                }
                break;
            }
        }
        confirmed
    }

    async fn until_confirmed(&self, more: usize) {
        let goal = self.confirmed.load(Ordering::Relaxed) + more;
        wait_until(SOON, async || {
            self.confirmed.load(Ordering::Relaxed) >= goal
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promoted_replica_is_found_under_load_and_nothing_confirmed_is_lost_or_doubled() {
    let mut primary = private_cluster().await;
    let admin = primary.admin().await;
    // No key on it: a row written twice must show.
    admin.batch("CREATE TABLE ledger (id int8)").await.unwrap();
    let replica = primary.replica().await;
    // A write is confirmed once the replica has it.
    admin
        .batch("ALTER SYSTEM SET synchronous_standby_names = '*'")
        .await
        .unwrap();
    admin.batch("SELECT pg_reload_conf()").await.unwrap();
    wait_until(SOON, async || {
        let row = admin
            .query_one(
                "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'",
                &[],
            )
            .await;
        row.unwrap().get::<i64>(0).unwrap() == 1
    })
    .await;
    drop(admin);
    let mut url = primary.url("postgres");
    url.hosts.extend(replica.url("postgres").hosts);
    url.target_session_attrs = TargetSessionAttrs::ReadWrite;
    url.options = Some(String::from("-c synchronous_commit=remote_apply"));
    let db = pool(url, |pool| (pool.size, pool.max_overflow) = (8, 0));

    let ledger = Arc::new(Ledger::default());
    let mut writers: JoinSet<_> = (0..16).map(|_| ledger.clone().write(db.clone())).collect();
    ledger.until_confirmed(500).await;
    primary.kill().await;
    replica.promote().await;
    ledger.until_confirmed(500).await;
    ledger.stop.store(true, Ordering::Relaxed);
    let mut confirmed = BTreeSet::new();
    while let Some(of_one) = writers.join_next().await {
        confirmed.extend(of_one.unwrap());
    }

    assert_whole(&db).await;
    let rows = db.query("SELECT id FROM ledger", &[]).await.unwrap();
    let written: Vec<i64> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    let unique: BTreeSet<_> = written.iter().copied().collect();
    let lost: Vec<_> = confirmed.difference(&unique).collect();
    assert!(lost.is_empty(), "confirmed and lost: {lost:?}");
    assert_eq!(unique.len(), written.len(), "written twice");
    // Every session there is now belongs to the new primary.
    let port = i32::from(replica.cluster().port());
    let mut held = Vec::new();
    for _ in 0..8 {
        let session = db.checkout().await.unwrap();
        let row = session.query_one("SELECT inet_server_port()", &[]).await;
        assert_eq!(row.unwrap().get::<i32>(0).unwrap(), port);
        held.push(session);
    }
}

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
    let error = timeout(SOON, db.checkout()).await.unwrap().unwrap_err();
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
