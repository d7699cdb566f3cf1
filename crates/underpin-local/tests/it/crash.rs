//! Processes that die: ours, the server's, and those whose number was taken over by a stranger.

use crate::holder::Holder;
use crate::support::{Unprivileged, ask, folder, settings, until};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::path::Path;
use underpin_core::ErrorKind;
use underpin_local::{Cluster, DATABASE, Settings, Stopped, stop};

/// `kill -9`, and waits until the process is gone.
async fn kill(pid: i32) {
    let pid = Pid::from_raw(pid).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    until("it is gone", || test_kill_process(pid).is_err()).await;
}

/// Makes a cluster with a table and stops it.
async fn stopped_cluster(settings: &Settings) {
    let cluster = Cluster::start(settings.clone()).await.unwrap();
    ask(&cluster.url(DATABASE), "CREATE TABLE kept AS SELECT 7 AS n").unwrap();
    assert_eq!(cluster.stop().await.unwrap(), Stopped::Stopped);
}

/// Puts another number into `postmaster.pid`, as if the computer had been switched off and the number given away since.
fn give_number_to(data_dir: &Path, pid: u32) {
    let text = format!(
        "{pid}\n{}/data\n1700000000\n5432\n\n127.0.0.1\n  1 1\nready   \n",
        data_dir.display()
    );
    let file = data_dir.join("data/postmaster.pid");
    std::fs::write(&file, text).unwrap();
    Unprivileged::give(&file);
}

#[tokio::test]
async fn a_server_whose_starter_was_killed_is_adopted_and_then_stopped() {
    let folder = folder();
    let settings = settings(folder.path());
    let mut holder = Holder::begin(&settings.data_dir);
    let (started, pid) = holder.ready();
    assert!(started);
    holder.kill();
    let cluster = Cluster::start(settings).await.unwrap();
    assert!(!cluster.started_by_us());
    assert_eq!(cluster.pid(), pid);
    assert_eq!(ask(&cluster.url(DATABASE), "SELECT 1").unwrap(), "1");
    assert_eq!(cluster.stop().await.unwrap(), Stopped::Stopped);
}

#[tokio::test]
async fn an_interrupted_initdb_is_done_again() {
    let folder = folder();
    let settings = settings(folder.path());
    let holder = Holder::begin(&settings.data_dir);
    let unfinished = || {
        let entries = settings.data_dir.read_dir().into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .find(|path| path.join("PG_VERSION").exists() && !path.ends_with("data"))
    };
    until("initdb has begun", || unfinished().is_some()).await;
    holder.kill();
    let left_behind = unfinished().unwrap();
    let cluster = Cluster::start(settings).await.unwrap();
    assert_eq!(ask(&cluster.url(DATABASE), "SELECT 1").unwrap(), "1");
    assert!(!left_behind.exists(), "{} is litter", left_behind.display());
    cluster.stop().await.unwrap();
}

/// An initdb whose parent was killed goes on for a moment.
#[tokio::test]
async fn a_folder_that_an_orphan_still_fills_is_removed_once_the_orphan_stops() {
    let folder = folder();
    let settings = settings(folder.path());
    std::fs::create_dir(&settings.data_dir).unwrap();
    Unprivileged::give(&settings.data_dir);
    let left_behind = settings.data_dir.join("data.unfinished-1");
    std::fs::create_dir(&left_behind).unwrap();
    Unprivileged::give(&left_behind);
    let orphan = std::thread::spawn({
        let left_behind = left_behind.clone();
        move || {
            // Until the folder is gone, or for a fraction of a second.
            (0..20_000).all(|n| std::fs::write(left_behind.join(n.to_string()), "").is_ok())
        }
    });
    until("the orphan writes", || left_behind.join("0").exists()).await;
    let cluster = Cluster::start(settings).await.unwrap();
    assert!(!left_behind.exists(), "{} is litter", left_behind.display());
    cluster.stop().await.unwrap();
    orphan.join().unwrap();
}

#[tokio::test]
async fn a_killed_server_recovers_with_its_data() {
    let folder = folder();
    // What was committed must be there, so commits are waited for.
    let settings = settings(folder.path()).with_server_setting("synchronous_commit", "on");
    let cluster = Cluster::start(settings.clone()).await.unwrap();
    ask(&cluster.url(DATABASE), "CREATE TABLE kept AS SELECT 7 AS n").unwrap();
    kill(cluster.pid()).await;
    drop(cluster);
    let cluster = Cluster::start(settings).await.unwrap();
    assert!(cluster.started_by_us());
    assert_eq!(
        ask(&cluster.url(DATABASE), "SELECT n FROM kept").unwrap(),
        "7"
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_and_its_starter_killed_together_recover() {
    let folder = folder();
    let settings = settings(folder.path());
    let mut holder = Holder::begin(&settings.data_dir);
    let (_, pid) = holder.ready();
    holder.kill();
    kill(pid).await;
    let cluster = Cluster::start(settings).await.unwrap();
    assert!(cluster.started_by_us());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_number_that_passed_to_a_stranger_neither_blocks_the_start_nor_harms_the_stranger() {
    let folder = folder();
    let settings = settings(folder.path());
    stopped_cluster(&settings).await;
    // The same user as the server's: PostgreSQL itself would refuse to start.
    let mut stranger = Unprivileged::command("sleep").arg("600").spawn().unwrap();
    give_number_to(&settings.data_dir, stranger.id());
    assert_eq!(
        stop(settings.clone(), true).await.unwrap(),
        Stopped::NotRunning
    );
    let cluster = Cluster::start(settings).await.unwrap();
    assert_eq!(
        ask(&cluster.url(DATABASE), "SELECT n FROM kept").unwrap(),
        "7"
    );
    cluster.stop().await.unwrap();
    assert_eq!(stranger.try_wait().unwrap(), None, "the stranger was ended");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn a_number_that_passed_to_another_postgres_is_not_believed() {
    let folder = folder();
    let other = Cluster::start(Settings {
        data_dir: folder.path().join("other"),
        ..settings(folder.path())
    })
    .await
    .unwrap();
    let settings = settings(folder.path());
    stopped_cluster(&settings).await;
    give_number_to(&settings.data_dir, other.pid().try_into().unwrap());
    assert_eq!(
        stop(settings.clone(), true).await.unwrap(),
        Stopped::NotRunning
    );
    let cluster = Cluster::start(settings).await.unwrap();
    assert_ne!(cluster.pid(), other.pid());
    cluster.stop().await.unwrap();
    assert_eq!(ask(&other.url(DATABASE), "SELECT 1").unwrap(), "1");
    other.stop().await.unwrap();
}

#[tokio::test]
async fn an_empty_file_left_by_a_power_failure_does_not_block_the_start() {
    let folder = folder();
    let settings = settings(folder.path());
    stopped_cluster(&settings).await;
    let file = settings.data_dir.join("data/postmaster.pid");
    std::fs::write(&file, "").unwrap();
    Unprivileged::give(&file);
    let cluster = Cluster::start(settings).await.unwrap();
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_zombie_is_no_running_server() {
    let folder = folder();
    let settings = settings(folder.path());
    stopped_cluster(&settings).await;
    if !Path::new("/proc/self/stat").exists() {
        println!("skipped: without /proc a zombie is hard to see");
        return;
    }
    // Ended, and not yet waited for by us, its parent.
    let mut zombie = Unprivileged::command("true").spawn().unwrap();
    let status = Path::new("/proc")
        .join(zombie.id().to_string())
        .join("stat");
    until("it has ended", || {
        std::fs::read_to_string(&status).unwrap().contains(") Z ")
    })
    .await;
    give_number_to(&settings.data_dir, zombie.id());
    let cluster = Cluster::start(settings).await.unwrap();
    cluster.stop().await.unwrap();
    zombie.wait().unwrap();
}

#[tokio::test]
async fn a_suspended_server_is_not_reported_as_stopped() {
    let folder = folder();
    let settings = Settings {
        stop_deadline: std::time::Duration::from_millis(200),
        ..settings(folder.path())
    };
    let cluster = Cluster::start(settings.clone()).await.unwrap();
    let pid = Pid::from_raw(cluster.pid()).unwrap();
    drop(cluster);
    kill_process(pid, Signal::STOP).unwrap();
    let error = stop(settings.clone(), false).await.unwrap_err();
    kill_process(pid, Signal::CONT).unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    until("the pending signal ends it", || {
        test_kill_process(pid).is_err()
    })
    .await;
    assert_eq!(stop(settings, false).await.unwrap(), Stopped::NotRunning);
}
