//! Several processes on one cluster, and servers that are not ours to stop.

use crate::holder::Holder;
use crate::support::{Unprivileged, ask, folder, settings, until};
use std::process::Stdio;
use underpin_core::ErrorKind;
use underpin_local::{Binaries, Cluster, DATABASE, Lifetime, Settings, Stopped, stop};

#[tokio::test]
async fn of_processes_that_start_at_once_one_starts_the_server_and_the_others_attach() {
    let folder = folder();
    let settings = settings(folder.path());
    let mut holders: Vec<_> = (0..4).map(|_| Holder::begin(&settings.data_dir)).collect();
    let ready: Vec<_> = holders.iter_mut().map(Holder::ready).collect();
    assert_eq!(
        ready.iter().filter(|(started, _)| *started).count(),
        1,
        "{ready:?}"
    );
    assert!(ready.iter().all(|(_, pid)| *pid == ready[0].1), "{ready:?}");
    // The starter goes first: the server stays for the others, and the last one stops it.
    let starter = ready.iter().position(|(started, _)| *started).unwrap();
    assert_eq!(holders.remove(starter).finish(), "InUse");
    let outcomes: Vec<_> = holders.into_iter().map(Holder::finish).collect();
    assert_eq!(outcomes, ["InUse", "InUse", "Stopped"]);
}

#[tokio::test]
async fn two_clusters_values_in_one_process_count_as_two_users() {
    let folder = folder();
    let first = Cluster::start(settings(folder.path())).await.unwrap();
    let second = Cluster::start(settings(folder.path())).await.unwrap();
    assert_eq!(
        (first.started_by_us(), second.started_by_us()),
        (true, false)
    );
    assert_eq!(first.stop().await.unwrap(), Stopped::InUse);
    assert_eq!(ask(&second.url(DATABASE), "SELECT 1").unwrap(), "1");
    assert_eq!(second.stop().await.unwrap(), Stopped::Stopped);
}

#[tokio::test]
async fn a_server_that_underpin_did_not_start_is_attached_to_and_never_stopped() {
    let folder = folder();
    let settings = settings(folder.path());
    Cluster::start(settings.clone())
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    let binaries = Binaries::find(None).unwrap();
    let data = settings.data_dir.join("data");
    let mut server = Unprivileged::command(binaries.program("postgres"));
    let socket = settings.data_dir.join("socket");
    let options = [
        "-c",
        "listen_addresses=",
        "-c",
        "fsync=off",
        "-k",
        socket.to_str().unwrap(),
    ];
    let mut server = server
        .arg("-D")
        .arg(&data)
        .args(options)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("it has written its file", || {
        data.join("postmaster.pid").exists()
    })
    .await;

    let cluster = Cluster::start(settings.clone()).await.unwrap();
    assert!(!cluster.started_by_us());
    assert_eq!(ask(&cluster.url(DATABASE), "SELECT 1").unwrap(), "1");
    assert_eq!(cluster.stop().await.unwrap(), Stopped::NotOurs);
    let error = stop(settings, true).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(server.try_wait().unwrap(), None, "it was stopped");
    server.kill().unwrap();
    server.wait().unwrap();
}

#[tokio::test]
async fn a_server_that_is_to_stay_stays_until_db_stop() {
    let folder = folder();
    let settings = settings(folder.path());
    let stays = Settings {
        lifetime: Lifetime::UntilStopped,
        ..settings.clone()
    };
    let cluster = Cluster::start(stays).await.unwrap();
    assert_eq!(cluster.stop().await.unwrap(), Stopped::NotOurs);
    let user = Cluster::start(settings.clone()).await.unwrap();
    assert!(!user.started_by_us());
    assert_eq!(
        stop(settings.clone(), false).await.unwrap_err().kind(),
        ErrorKind::Refused
    );
    assert_eq!(user.stop().await.unwrap(), Stopped::NotOurs);
    assert_eq!(
        stop(settings.clone(), false).await.unwrap(),
        Stopped::Stopped
    );
    assert_eq!(stop(settings, false).await.unwrap(), Stopped::NotRunning);
}

#[tokio::test]
async fn force_stops_a_server_under_its_users() {
    let folder = folder();
    let settings = settings(folder.path());
    let user = Cluster::start(settings.clone()).await.unwrap();
    let error = stop(settings.clone(), false).await.unwrap_err();
    assert!(error.hint().unwrap().contains("--force"));
    assert_eq!(stop(settings, true).await.unwrap(), Stopped::Stopped);
    assert_eq!(user.stop().await.unwrap(), Stopped::NotRunning);
}

#[tokio::test]
async fn a_start_that_waits_for_another_gives_up_at_its_deadline() {
    let folder = folder();
    let settings = Settings {
        start_deadline: std::time::Duration::from_millis(100),
        ..settings(folder.path())
    };
    std::fs::create_dir(&settings.data_dir).unwrap();
    let held = std::fs::File::create(settings.data_dir.join("start.lock")).unwrap();
    held.lock().unwrap();
    let error = Cluster::start(settings).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LockTimeout, "{error}");
}

#[tokio::test]
async fn a_scratch_cluster_stands_beside_the_cluster_and_does_not_wait_for_the_disk() {
    let folder = folder();
    let durable = Settings::new(folder.path().join("cluster"));
    let cluster = Cluster::start(settings(folder.path())).await.unwrap();
    let scratch = Cluster::start_scratch(durable).await.unwrap();
    assert_ne!(scratch.pid(), cluster.pid());
    assert_eq!(scratch.major(), cluster.major());
    assert!(scratch.data_dir().starts_with(cluster.data_dir()));
    let fsync = ask(&scratch.url(DATABASE), "SHOW fsync").unwrap();
    assert_eq!(fsync, "off");
    assert_eq!(scratch.stop().await.unwrap(), Stopped::Stopped);
    assert_eq!(ask(&cluster.url(DATABASE), "SELECT 1").unwrap(), "1");
    cluster.stop().await.unwrap();
}
