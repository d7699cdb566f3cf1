//! Several hosts in one address: which one is taken.

use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use underpin_core::Chain;
use underpin_core::url::{Host, TargetSessionAttrs};
use underpin_pool::{ErrorKind, Options, Session};
use underpin_testkit::{PrivateCluster, private_cluster, shared_cluster};

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
        options.url.target_session_attrs = TargetSessionAttrs::ReadWrite;
        assert_eq!(reached(&options).await, writes);
        options.url.target_session_attrs = TargetSessionAttrs::ReadOnly;
        assert_eq!(reached(&options).await, reads);
        options.url.target_session_attrs = TargetSessionAttrs::Any;
        assert_eq!(reached(&options).await, order[0].cluster().port());
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
