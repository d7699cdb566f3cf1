//! Data folders and binaries of different major versions.

use crate::support::{ask, folder, settings};
use std::path::Path;
use underpin_core::ErrorKind;
use underpin_local::{Binaries, Cluster, DATABASE, Settings, install};

/// Makes the folder look as if it had been made by another major version.
fn pretend_made_by(data_dir: &Path, major: u32) {
    std::fs::write(data_dir.join("data/PG_VERSION"), format!("{major}\n")).unwrap();
}

#[tokio::test]
async fn a_folder_of_a_major_version_without_binaries_names_both_and_the_next_step() {
    let folder = folder();
    let settings = Settings {
        cache_dir: None,
        ..settings(folder.path())
    };
    let cluster = Cluster::start(settings.clone()).await.unwrap();
    let major = cluster.major();
    cluster.stop().await.unwrap();
    pretend_made_by(&settings.data_dir, 12);
    let error = Cluster::start(settings).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let said = error.to_string();
    assert!(
        said.contains("PostgreSQL 12") && said.contains(&format!("{major}.")),
        "{said}"
    );
    assert!(
        error.hint().unwrap().contains("pg_upgrade"),
        "{:?}",
        error.hint()
    );
}

#[tokio::test]
async fn configured_binaries_of_another_major_version_are_not_silently_replaced() {
    let folder = folder();
    let binaries = Binaries::find(None).unwrap();
    let settings = Settings {
        postgres_bin: Some(binaries.folder().to_path_buf()),
        ..settings(folder.path())
    };
    Cluster::start(settings.clone())
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    pretend_made_by(&settings.data_dir, 18 - u32::from(binaries.major() == 18));
    let error = Cluster::start(settings).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.hint().unwrap().contains("UNDERPIN_POSTGRES_BIN"));
}

#[tokio::test]
async fn the_binaries_of_the_folder_s_major_version_are_used_when_the_machine_has_them() {
    let folder = folder();
    let cache = folder.path().join("cache");
    let portable = match install::portable(&cache, 16).await {
        Ok(installed) => installed.binaries,
        Err(error) => {
            println!(
                "skipped: no second major version: {}",
                underpin_core::Chain(&error)
            );
            return;
        }
    };
    let made_by_16 = Settings {
        postgres_bin: Some(portable.folder().to_path_buf()),
        ..settings(folder.path())
    };
    Cluster::start(made_by_16)
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    // Nothing is configured any more, and the first binaries found may be of another major version.
    let cluster = Cluster::start(Settings {
        cache_dir: Some(cache),
        ..settings(folder.path())
    })
    .await
    .unwrap();
    assert_eq!(cluster.major(), 16);
    assert_eq!(
        ask(&cluster.url(DATABASE), "SHOW server_version_num").unwrap()[..2],
        *"16"
    );
    cluster.stop().await.unwrap();
}
