//! Making, starting, stopping.

use crate::support::{ask, folder, settings};
use std::os::unix::fs::PermissionsExt;
use underpin_local::{Cluster, DATABASE, Stopped};

#[tokio::test]
async fn a_new_cluster_is_made_started_and_stopped() {
    let folder = folder();
    let cluster = Cluster::start(settings(folder.path())).await.unwrap();
    assert!(cluster.started_by_us());
    let sql = "SELECT current_user, current_setting('server_encoding'), current_setting('data_checksums'), \
               current_setting('password_encryption'), current_setting('listen_addresses'), upper('ä')";
    for url in [cluster.url(DATABASE), cluster.tcp_url(DATABASE)] {
        assert_eq!(
            ask(&url, sql).unwrap(),
            "underpin|UTF8|on|scram-sha-256|127.0.0.1|Ä"
        );
    }
    let mode = cluster
        .data_dir()
        .join("password")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(cluster.stop().await.unwrap(), Stopped::Stopped);
}
