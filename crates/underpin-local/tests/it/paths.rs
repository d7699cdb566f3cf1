//! Folders with awkward names, and what is found in them.

use crate::support::{ask, folder, settings};
use std::net::{Ipv4Addr, TcpListener};
use underpin_core::url::Host;
use underpin_core::{Chain, ErrorKind};
use underpin_local::{Binaries, Cluster, DATABASE, Settings, Stopped};

#[tokio::test]
async fn a_path_with_spaces_and_quotes_works_also_for_the_socket() {
    let folder = folder();
    let settings = Settings {
        data_dir: folder.path().join("it's \"my\" data %41"),
        ..settings(folder.path())
    };
    let cluster = Cluster::start(settings.clone()).await.unwrap();
    let url = cluster.url(DATABASE);
    assert!(
        matches!(&url.hosts[0], Host::Unix { directory, .. } if directory.starts_with(&settings.data_dir)),
        "{url:?}"
    );
    // The connection string carries the path through a round trip.
    let parsed = url.expose().parse().unwrap();
    assert_eq!(ask(&parsed, "SELECT 1").unwrap(), "1");
    assert_eq!(cluster.stop().await.unwrap(), Stopped::Stopped);
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_short_private_folder() {
    let folder = folder();
    let settings = Settings {
        data_dir: folder.path().join("long".repeat(30)),
        ..settings(folder.path())
    };
    let cluster = Cluster::start(settings).await.unwrap();
    let url = cluster.url(DATABASE);
    let Host::Unix { directory, .. } = &url.hosts[0] else {
        panic!("no socket: {url:?}")
    };
    assert!(!directory.starts_with(folder.path()));
    assert_eq!(ask(&url, "SELECT 1").unwrap(), "1");
    assert_eq!(ask(&cluster.tcp_url(DATABASE), "SELECT 1").unwrap(), "1");
    let directory = directory.clone();
    cluster.stop().await.unwrap();
    std::fs::remove_dir(directory).unwrap();
}

#[tokio::test]
async fn a_folder_that_holds_something_else_is_left_alone() {
    let folder = folder();
    let settings = settings(folder.path());
    let data = settings.data_dir.join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("thesis.txt"), "years of work").unwrap();
    let error = Cluster::start(settings).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert_eq!(
        std::fs::read_to_string(data.join("thesis.txt")).unwrap(),
        "years of work"
    );
}

#[tokio::test]
async fn the_port_of_last_time_is_kept_unless_another_took_it() {
    let folder = folder();
    let settings = settings(folder.path());
    let first = Cluster::start(settings.clone()).await.unwrap();
    let port = first.port();
    first.stop().await.unwrap();
    let second = Cluster::start(settings.clone()).await.unwrap();
    assert_eq!(second.port(), port);
    second.stop().await.unwrap();
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let third = Cluster::start(settings).await.unwrap();
    assert_ne!(third.port(), port);
    assert_eq!(ask(&third.tcp_url(DATABASE), "SELECT 1").unwrap(), "1");
    third.stop().await.unwrap();
}

#[tokio::test]
async fn losing_every_race_for_a_port_ends_in_an_error() {
    let folder = folder();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let settings = settings(folder.path()).with_server_setting("port", port.to_string());
    let error = Cluster::start(settings).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutOfResources, "{error}");
    assert!(
        Chain(&error).to_string().contains("Address already in use"),
        "{}",
        Chain(&error)
    );
}

#[tokio::test]
async fn a_server_that_refuses_its_settings_shows_its_own_words_and_its_log() {
    let folder = folder();
    let settings = settings(folder.path()).with_server_setting("shared_buffers", "many");
    let error = Cluster::start(settings).await.unwrap_err();
    let said = Chain(&error).to_string();
    assert!(
        said.contains("invalid value for parameter \"shared_buffers\""),
        "{said}"
    );
    assert!(
        error.hint().unwrap().contains("server.log"),
        "{:?}",
        error.hint()
    );
}

#[tokio::test]
async fn a_lost_password_file_gets_a_new_password_at_the_next_start() {
    let folder = folder();
    let settings = settings(folder.path());
    Cluster::start(settings.clone())
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    let file = settings.data_dir.join("password");
    let before = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let cluster = Cluster::start(settings).await.unwrap();
    assert_ne!(std::fs::read_to_string(&file).unwrap(), before);
    assert_eq!(ask(&cluster.url(DATABASE), "SELECT 1").unwrap(), "1");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn the_password_is_in_no_debug_output_and_a_wrong_one_is_refused() {
    let folder = folder();
    let settings = settings(folder.path());
    let cluster = Cluster::start(settings.clone()).await.unwrap();
    let password = std::fs::read_to_string(settings.data_dir.join("password")).unwrap();
    let printed = format!(
        "{cluster:?} {settings:?} {} {:?}",
        cluster.url(DATABASE),
        cluster.url(DATABASE)
    );
    assert!(!printed.contains(&password));
    let log = std::fs::read_to_string(cluster.log_file()).unwrap();
    assert!(!log.contains(&password));
    for mut url in [cluster.url(DATABASE), cluster.tcp_url(DATABASE)] {
        url.password = Some(underpin_core::Secret::new(String::from("wrong")));
        let refused = ask(&url, "SELECT 1").unwrap_err();
        assert!(
            refused.contains("password authentication failed"),
            "{refused}"
        );
    }
    cluster.stop().await.unwrap();
}

#[test]
fn a_configured_folder_without_binaries_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = Binaries::find(Some(folder.path())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error
            .to_string()
            .contains(&folder.path().display().to_string()),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("UNDERPIN_POSTGRES_BIN"));
}
