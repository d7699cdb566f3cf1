//! `db.read()` on real streaming replicas.

use crate::support::{SOON, pool_of};
use std::time::Duration;
use underpin_pool::{Database, ErrorKind, Options, Replicas};
use underpin_testkit::{PrivateCluster, private_cluster, wait_until};

const LAG_MAX: Duration = Duration::from_secs(2);

/// A pool on `primary` whose reads may go to `replica`.
async fn database(primary: &PrivateCluster, replica: &PrivateCluster) -> Database {
    let replicas = Replicas {
        hosts: replica.url("postgres").hosts,
        lag_max: LAG_MAX,
    };
    let mut options = Options::new(primary.url("postgres"));
    // A read that finds neither a replica nor the primary tells so soon.
    options.pool.timeout = Duration::from_secs(1);
    let db = Database::connect(options)
        .await
        .expect("the primary answers");
    db.with_replicas(replicas)
        .expect("a pool needs no replica to be there")
}

/// Where does a read go now?
async fn reads_a_replica(db: &Database) -> bool {
    let row = db.read().query_one("SELECT pg_is_in_recovery()", &[]).await;
    row.and_then(|row| row.get(0)).expect("reads never fail")
}

async fn count(db: &Database) -> i64 {
    let row = db.read().query_one("SELECT count(*) FROM t", &[]).await;
    row.and_then(|row| row.get(0)).expect("reads never fail")
}

#[tokio::test]
async fn reads_go_to_a_replica_within_its_bound_and_to_the_primary_else() {
    let primary = private_cluster().await;
    let mut replica = primary.replica().await;
    let db = database(&primary, &replica).await;
    db.batch("CREATE TABLE t (id int)").await.unwrap();

    wait_until(SOON, async || reads_a_replica(&db).await).await;
    let refused = db
        .read()
        .execute("CREATE TABLE u (id int)", &[])
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ReadOnly);
    wait_until(SOON, async || reads_a_replica(&db).await).await;

    // Behind, and soon too far behind: reads see the primary's state.
    let admin = replica.admin().await;
    admin.batch("SELECT pg_wal_replay_pause()").await.unwrap();
    wait_until(SOON, async || {
        let row = admin
            .query_one("SELECT pg_get_wal_replay_pause_state()", &[])
            .await;
        row.unwrap().get::<String>(0).unwrap() == "paused"
    })
    .await;
    db.execute("INSERT INTO t VALUES (1)", &[]).await.unwrap();
    wait_until(SOON, async || !reads_a_replica(&db).await).await;
    assert_eq!(count(&db).await, 1);
    admin.batch("SELECT pg_wal_replay_resume()").await.unwrap();
    wait_until(SOON, async || reads_a_replica(&db).await).await;
    assert_eq!(count(&db).await, 1);
    drop(admin);

    // Gone: no read fails, not even the first one after.
    replica.kill().await;
    assert!(!reads_a_replica(&db).await);
    assert!(!reads_a_replica(&db).await);
    replica.start().await;
    wait_until(SOON, async || reads_a_replica(&db).await).await;
    db.close().await;
    assert_eq!(
        db.read().query("SELECT 1", &[]).await.unwrap_err().kind(),
        ErrorKind::ShuttingDown
    );
}

#[tokio::test]
async fn replicas_are_seen_in_numbers_and_resized() {
    let primary = private_cluster().await;
    let mut replica = primary.replica().await;
    let db = database(&primary, &replica).await;
    let seen = async || {
        // A read finds out at once that a replica is gone.
        reads_a_replica(&db).await;
        let [status] = &db.read().status()[..] else {
            panic!("one replica")
        };
        status.clone()
    };
    wait_until(SOON, async || seen().await.is_usable).await;
    let status = seen().await;
    assert_eq!(
        status.host,
        format!("127.0.0.1:{}", replica.cluster().port())
    );
    assert!(status.lag.unwrap() < LAG_MAX, "{status:?}");
    assert_eq!(status.pool.pool_size, db.status().pool_size);

    db.read().resize(1, 0);
    let of_replica = seen().await.pool;
    assert_eq!((of_replica.pool_size, of_replica.max_overflow), (1, 0));
    assert_ne!(db.status().pool_size, 1, "the primary's stays");

    replica.kill().await;
    wait_until(SOON, async || {
        let status = seen().await;
        !status.is_usable && status.lag.unwrap() > LAG_MAX
    })
    .await;
    replica.start().await;
    wait_until(SOON, async || seen().await.is_usable).await;
}

#[tokio::test]
async fn without_replicas_there_is_none_to_see() {
    let db = pool_of(1).await;
    assert_eq!(db.read().status(), []);
    db.read().resize(5, 5);
    assert_eq!(db.status().pool_size, 1);
}

#[tokio::test]
async fn replica_that_lost_its_primary_is_not_taken_for_fresh() {
    let mut primary = private_cluster().await;
    let replica = primary.replica().await;
    let db = database(&primary, &replica).await;
    db.batch("CREATE TABLE t (id int)").await.unwrap();
    wait_until(SOON, async || reads_a_replica(&db).await).await;

    // It has replayed all that it received, and receives nothing any more.
    let admin = replica.admin().await;
    admin
        .batch("ALTER SYSTEM SET primary_conninfo = ''")
        .await
        .unwrap();
    admin.batch("SELECT pg_reload_conf()").await.unwrap();
    let on_primary = primary.admin().await;
    wait_until(SOON, async || {
        let row = on_primary
            .query_one("SELECT count(*) FROM pg_stat_replication", &[])
            .await;
        row.unwrap().get::<i64>(0).unwrap() == 0
    })
    .await;
    drop(on_primary);
    db.execute("INSERT INTO t VALUES (1)", &[]).await.unwrap();
    wait_until(SOON, async || !reads_a_replica(&db).await).await;
    assert_eq!(count(&db).await, 1);

    // With the primary away nobody has anything newer: reads go on.
    admin
        .batch("ALTER SYSTEM RESET primary_conninfo")
        .await
        .unwrap();
    primary.kill().await;
    wait_until(SOON, async || {
        db.read().query("SELECT 1", &[]).await.is_ok()
    })
    .await;
    assert!(reads_a_replica(&db).await);
}
