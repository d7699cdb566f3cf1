//! Several hosts in one address: which one is taken.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use underpin_core::url::{Host, TargetSessionAttrs};
use underpin_core::{Chain, DatabaseUrl};
use underpin_pool::{ErrorKind, Options, Session};
use underpin_testkit::{
    BlackHole, PrivateCluster, private_cluster, private_cluster_with, shared_cluster,
};

/// The port of the server that `options` lead to.
async fn reached(options: &Options) -> u16 {
    let session = Session::connect(options).await.expect("a server will do");
    let row = session.query_one("SELECT inet_server_port()", &[]).await;
    u16::try_from(
        row.and_then(|row| row.get::<i32>(0))
            .expect("over TCP there is a port"),
    )
    .expect("a port has 16 bits")
}

fn hosts(of: &[&PrivateCluster]) -> Vec<Host> {
    of.iter()
        .flat_map(|cluster| cluster.url("postgres").hosts)
        .collect()
}

#[tokio::test]
async fn a_server_of_the_wanted_kind_is_found_among_several() {
    let primary = private_cluster().await;
    let replica = primary.replica().await;
    let (writes, reads) = (primary.cluster().port(), replica.cluster().port());
    let mut options = Options::new(primary.url("postgres"));

    for order in [[&primary, &replica], [&replica, &primary]] {
        options.url.hosts = hosts(&order);
        for (wanted, port) in [
            (TargetSessionAttrs::ReadWrite, writes),
            (TargetSessionAttrs::Primary, writes),
            (TargetSessionAttrs::ReadOnly, reads),
            (TargetSessionAttrs::Standby, reads),
            (TargetSessionAttrs::Any, order[0].cluster().port()),
        ] {
            options.url.target_session_attrs = wanted;
            assert_eq!(reached(&options).await, port, "{wanted:?}");
        }
    }

    options.url.load_balance_hosts = true;
    let mut seen = [false; 2];
    for _ in 0..64 {
        seen[usize::from(reached(&options).await == reads)] = true;
        if seen == [true; 2] {
            break;
        }
    }
    assert_eq!(seen, [true; 2], "each host is taken sometimes");

    options.url.target_session_attrs = TargetSessionAttrs::ReadWrite;
    options.url.hosts = hosts(&[&replica]);
    let error = Session::connect(&options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly, "{}", Chain(&error));
    // Why the primary is not there says more than that a replica is none.
    options.url.hosts.insert(
        0,
        Host::Tcp {
            name: String::from("127.0.0.1"),
            port: 1,
        },
    );
    options.url.load_balance_hosts = false;
    let error = Session::connect(&options).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::ConnectionRefused,
        "{}",
        Chain(&error)
    );
}

/// The port of the server that libpq takes, and ours; None when none will do.
async fn taken(url: &DatabaseUrl, psql: &Path) -> (Option<u16>, Option<u16>) {
    let output = Command::new(psql)
        .args(["--no-psqlrc", "-Atc", "SELECT inet_server_port()"])
        .arg(url.expose())
        .output()
        .expect("psql can be run");
    let theirs = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    let options = Options::new(url.clone());
    let ours = match Session::connect(&options).await {
        Ok(_) => Some(reached(&options).await),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ReadOnly, "{}", Chain(&error));
            None
        }
    };
    (theirs, ours)
}

#[tokio::test]
async fn server_is_taken_that_libpq_would_take() {
    let primary = private_cluster().await;
    let replica = primary.replica().await;
    // A primary whose sessions only read: by role and by access it is of two kinds.
    let frozen = private_cluster_with(|settings| {
        settings.with_server_setting("default_transaction_read_only", "on")
    })
    .await;
    let psql = primary.cluster().client("psql").unwrap();
    let several = |of: &[&PrivateCluster]| {
        let mut url = of[0].url("postgres");
        url.hosts = hosts(of);
        url
    };
    for mut url in [
        several(&[&primary, &replica]),
        several(&[&replica, &primary]),
        several(&[&replica]),
        several(&[&frozen]),
    ] {
        for wanted in [
            TargetSessionAttrs::Any,
            TargetSessionAttrs::ReadWrite,
            TargetSessionAttrs::ReadOnly,
            TargetSessionAttrs::Primary,
            TargetSessionAttrs::Standby,
            TargetSessionAttrs::PreferStandby,
        ] {
            url.target_session_attrs = wanted;
            let (theirs, ours) = taken(&url, &psql).await;
            assert_eq!(ours, theirs, "{url}");
        }
    }
}

#[tokio::test]
async fn hosts_that_swallow_packets_leave_time_for_the_next() {
    let (first, second) = (BlackHole::dig().await, BlackHole::dig().await);
    let mut options = Options::new(shared_cluster().await.tcp_url("postgres"));
    let good = options.url.hosts.clone();
    let tcp = |port| Host::Tcp {
        name: String::from("127.0.0.1"),
        port,
    };
    options.url.hosts = vec![tcp(first.address().port()), tcp(second.address().port())];
    options.url.hosts.extend(good);
    options.url.connect_timeout = Some(Duration::from_secs(5));
    let began = Instant::now();
    Session::connect(&options).await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_host_that_hangs_leaves_time_for_the_next() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = Options::new(shared_cluster().await.tcp_url("postgres"));
    let port = silent.local_addr().unwrap().port();
    options.url.hosts.insert(
        0,
        Host::Tcp {
            name: String::from("127.0.0.1"),
            port,
        },
    );
    options.url.connect_timeout = Some(Duration::from_secs(5));
    let began = Instant::now();
    Session::connect(&options).await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}
