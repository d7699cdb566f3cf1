//! `db.read()` on real streaming replicas.

use crate::support::{SOON, pool_of};
use std::time::{Duration, Instant};
use underpin_core::Secret;
use underpin_core::url::TargetSessionAttrs;
use underpin_pool::{Database, ErrorKind, Options, Replicas};
use underpin_testkit::{ChaosProxy, Mode, PrivateCluster, private_cluster, wait_until};

const LAG_MAX: Duration = Duration::from_secs(2);
/// How long a machine under load may take for what is quick.
const PATIENCE: Duration = Duration::from_secs(30);

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

    // With the primary away too, somebody else may still write there: it cannot prove that it is fresh.
    primary.kill().await;
    wait_until(PATIENCE, async || {
        db.read().query("SELECT 1", &[]).await.is_err()
    })
    .await;
    let [status] = &db.read().status()[..] else {
        panic!("one replica")
    };
    assert!(!status.is_usable, "{status:?}");
}

/// Signs of life from an idle primary come this often at least: half of the receiver's timeout.
async fn hear_often(replica: &PrivateCluster) {
    set(replica, "wal_receiver_timeout = '1s'").await;
}

async fn set(cluster: &PrivateCluster, setting: &str) {
    let admin = cluster.admin().await;
    admin
        .batch(&format!("ALTER SYSTEM SET {setting}"))
        .await
        .unwrap();
    admin.batch("SELECT pg_reload_conf()").await.unwrap();
}

/// Waits until it receives from this port; from nobody when that is 0.
async fn receives_from(replica: &PrivateCluster, port: u16) {
    let admin = replica.admin().await;
    let sender =
        "SELECT coalesce(max(sender_port), 0) FROM pg_stat_wal_receiver WHERE status = 'streaming'";
    wait_until(PATIENCE, async || {
        let row = admin.query_one(sender, &[]).await.unwrap();
        row.get::<i32>(0).unwrap() == i32::from(port)
    })
    .await;
}

/// Makes a replica receive from this server from now on.
async fn follow(replica: &PrivateCluster, sender: &PrivateCluster) {
    let url = sender.url("postgres");
    let (port, user) = (sender.cluster().port(), &url.user);
    let password = url.password.as_ref().unwrap().expose();
    let conninfo =
        format!("primary_conninfo = 'host=127.0.0.1 port={port} user={user} password={password}'");
    set(replica, &conninfo).await;
    receives_from(replica, port).await;
}

/// A pool that reaches its primary through a proxy.
async fn behind_a_proxy(
    primary: &PrivateCluster,
    replica: &PrivateCluster,
    user: Option<&str>,
) -> (ChaosProxy, Database) {
    let url = primary.url("postgres");
    let proxy = ChaosProxy::in_front_of(&url).await;
    let mut options = Options::new(proxy.url(&url));
    if let Some(user) = user {
        options.url.user = String::from(user);
        options.url.password = Some(Secret::new(String::from("secret")));
    }
    options.pool.timeout = Duration::from_secs(1);
    let replicas = Replicas {
        hosts: replica.url("postgres").hosts,
        lag_max: LAG_MAX,
    };
    let db = Database::connect(options).await.unwrap();
    (proxy, db.with_replicas(replicas).unwrap())
}

/// How often it was found usable while it was looked at for so long.
async fn usable_for(db: &Database, time: Duration) -> (u32, u32) {
    let end = Instant::now() + time;
    let (mut usable, mut looks) = (0, 0);
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    while Instant::now() < end {
        tick.tick().await;
        usable += u32::from(db.read().status()[0].is_usable);
        looks += 1;
    }
    (usable, looks)
}

async fn is_usable(db: &Database, wanted: bool) {
    wait_until(PATIENCE, async || db.read().status()[0].is_usable == wanted).await;
}

#[tokio::test]
async fn replica_is_fresh_while_it_hears_from_a_primary_that_only_we_cannot_reach() {
    let primary = private_cluster().await;
    let replica = primary.replica().await;
    hear_often(&replica).await;
    receives_from(&replica, primary.cluster().port()).await;
    let admin = primary.admin().await;
    admin
        .batch("CREATE ROLE plain LOGIN PASSWORD 'secret'")
        .await
        .unwrap();
    let (proxy, db) = behind_a_proxy(&primary, &replica, None).await;
    let (of_plain, plain) = behind_a_proxy(&primary, &replica, Some("plain")).await;
    is_usable(&db, true).await;
    is_usable(&plain, true).await;

    proxy.set(Mode::BlackHole);
    of_plain.set(Mode::Cut);
    // A role that is not shown what a replica receives cannot know, and does not believe.
    is_usable(&plain, false).await;
    let (usable, looks) = usable_for(&db, LAG_MAX * 2).await;
    assert!(usable > looks / 2, "{usable} of {looks}");
    wait_until(PATIENCE, async || {
        db.read().query("SELECT 1", &[]).await.is_ok()
    })
    .await;

    // Now others may write what this replica never gets.
    set(&replica, "primary_conninfo = ''").await;
    receives_from(&replica, 0).await;
    admin
        .batch("CREATE TABLE t AS SELECT 1 AS id")
        .await
        .unwrap();
    is_usable(&db, false).await;
    let (usable, looks) = usable_for(&db, LAG_MAX).await;
    assert_eq!(usable, 0, "of {looks}");

    proxy.set(Mode::Pass);
    of_plain.set(Mode::Pass);
    wait_until(PATIENCE, async || {
        db.read().query("SELECT * FROM t", &[]).await.is_ok()
    })
    .await;
    follow(&replica, &primary).await;
    is_usable(&db, true).await;
    is_usable(&plain, true).await;
}

#[tokio::test]
async fn replica_of_a_replica_does_not_pass_its_signs_of_life_for_the_primarys() {
    let primary = private_cluster().await;
    let between = primary.replica().await;
    let last = primary.replica().await;
    hear_often(&between).await;
    hear_often(&last).await;
    follow(&last, &between).await;
    let (proxy, db) = behind_a_proxy(&primary, &last, None).await;
    is_usable(&db, true).await;

    // The one in between has lost the primary, as we have, and still feeds the last one.
    set(&between, "primary_conninfo = ''").await;
    proxy.set(Mode::Cut);
    is_usable(&db, false).await;
    receives_from(&last, between.cluster().port()).await;
    let (usable, looks) = usable_for(&db, LAG_MAX * 2).await;
    assert_eq!(usable, 0, "of {looks}");
}

#[tokio::test]
async fn replica_that_went_further_than_the_promoted_one_is_not_taken_for_fresh() {
    let mut old = private_cluster().await;
    let next = old.replica().await;
    let ahead = old.replica().await;
    let mut options = Options::new(old.url("postgres"));
    options.url.hosts.extend(next.url("postgres").hosts);
    options.url.target_session_attrs = TargetSessionAttrs::ReadWrite;
    options.pool.timeout = Duration::from_secs(1);
    let replicas = Replicas {
        hosts: ahead.url("postgres").hosts,
        lag_max: LAG_MAX,
    };
    let db = Database::connect(options)
        .await
        .unwrap()
        .with_replicas(replicas)
        .unwrap();
    db.batch("CREATE TABLE t (id int)").await.unwrap();
    wait_until(PATIENCE, async || reads_a_replica(&db).await).await;

    // The one that will be promoted misses these; the other one has them, and so the higher position.
    set(&next, "primary_conninfo = ''").await;
    receives_from(&next, 0).await;
    db.batch("INSERT INTO t SELECT generate_series(1, 1000)")
        .await
        .unwrap();
    wait_until(PATIENCE, async || {
        let row = ahead
            .admin()
            .await
            .query_one("SELECT count(*) FROM t", &[])
            .await;
        row.unwrap().get::<i64>(0).unwrap() == 1000
    })
    .await;
    old.kill().await;
    next.promote().await;
    wait_until(PATIENCE, async || {
        db.batch("INSERT INTO t VALUES (1)").await.is_ok()
    })
    .await;
    is_usable(&db, false).await;
    let (usable, looks) = usable_for(&db, LAG_MAX * 2).await;
    assert_eq!(usable, 0, "of {looks}");
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn replica_that_follows_the_promoted_one_is_read_again() {
    let mut old = private_cluster().await;
    let next = old.replica().await;
    let follower = old.replica().await;
    follow(&follower, &next).await;
    let mut options = Options::new(old.url("postgres"));
    options.url.hosts.extend(next.url("postgres").hosts);
    options.url.target_session_attrs = TargetSessionAttrs::ReadWrite;
    options.pool.timeout = Duration::from_secs(1);
    let replicas = Replicas {
        hosts: follower.url("postgres").hosts,
        lag_max: LAG_MAX,
    };
    let db = Database::connect(options)
        .await
        .unwrap()
        .with_replicas(replicas)
        .unwrap();
    db.batch("CREATE TABLE t (id int)").await.unwrap();
    let admin = next.admin().await;
    wait_until(PATIENCE, async || {
        admin.query("SELECT FROM t", &[]).await.is_ok()
    })
    .await;
    is_usable(&db, true).await;
    old.kill().await;
    is_usable(&db, false).await;
    next.promote().await;
    is_usable(&db, true).await;
    let insert = "INSERT INTO t VALUES (1)";
    wait_until(PATIENCE, async || db.batch(insert).await.is_ok()).await;
    wait_until(PATIENCE, async || {
        reads_a_replica(&db).await && count(&db).await > 0
    })
    .await;
}
