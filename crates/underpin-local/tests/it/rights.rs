//! With whose rights other programs run, and what they see.

use crate::support::{folder, settings};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;
use underpin_local::{Binaries, Cluster, Settings};

/// A folder with programs that note whose rights and which variables they have; everybody may write the notes.
fn noting_programs(place: &Path) -> (PathBuf, PathBuf) {
    let notes = place.join("notes");
    fs::write(&notes, "").unwrap();
    fs::set_permissions(&notes, Permissions::from_mode(0o666)).unwrap();
    let bin = place.join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["postgres", "initdb"] {
        let program = bin.join(name);
        let script = format!(
            "#!/bin/sh\n(id -u; env) >> {}\necho 'postgres (PostgreSQL) 15.1'\n",
            notes.display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(&bin, Permissions::from_mode(0o777)).unwrap();
    (bin, notes)
}

#[tokio::test]
async fn root_runs_nothing_of_a_configured_folder_with_its_own_rights_or_environment() {
    let place = folder();
    let (bin, notes) = noting_programs(place.path());
    assert_eq!(Binaries::find(Some(&bin)).unwrap().version(), "15.1");
    let settings = Settings {
        postgres_bin: Some(bin),
        start_deadline: std::time::Duration::from_secs(5),
        ..settings(place.path())
    };
    Cluster::start(settings).await.unwrap_err();
    let notes = fs::read_to_string(notes).unwrap();
    let uids: Vec<_> = notes
        .lines()
        .filter(|line| line.parse::<u32>().is_ok())
        .collect();
    assert!(uids.len() >= 2, "{notes}");
    if rustix::process::geteuid().is_root() {
        assert!(!uids.contains(&"0"), "{uids:?}");
        // nextest sets variables of that name in every test.
        assert!(!notes.contains("NEXTEST"), "{notes}");
    }
}

#[tokio::test]
async fn nobody_runs_no_cluster_of_root_and_the_error_says_how_to_get_an_account() {
    let place = folder();
    let settings = Settings {
        run_as: Some(String::from("nobody")),
        ..settings(place.path())
    };
    let started = Cluster::start(settings).await;
    if !rustix::process::geteuid().is_root() {
        started.unwrap().stop().await.unwrap();
        return;
    }
    let error = started.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("useradd --system") && hint.contains("UNDERPIN_LOCAL_USER"),
        "{hint}"
    );
    assert!(!place.path().join("cluster/data").exists());
}

#[tokio::test]
async fn a_cluster_that_nobody_owns_is_not_started_and_the_error_says_how_to_move_it() {
    let place = folder();
    let settings = settings(place.path());
    Cluster::start(settings.clone())
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let mut chown = std::process::Command::new("chown");
    let given = chown
        .args(["-R", "65534:65534"])
        .arg(settings.data_dir.join("data"));
    assert!(given.status().unwrap().success());
    let error = Cluster::start(settings).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    assert!(
        error.hint().unwrap().contains("chown -R underpin:"),
        "{:?}",
        error.hint()
    );
}
