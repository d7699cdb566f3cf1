//! Disks that are full or read-only. They are mounted for the test, which takes root; others skip these tests and say so.

use crate::support::{folder, open_to_others};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use underpin_core::{Chain, ErrorKind};
use underpin_local::{Cluster, Error, Settings};

/// A small disk in memory; taken off when dropped.
struct Disk {
    folder: TempDir,
}

impl Disk {
    fn mount(megabytes: u32) -> Option<Self> {
        let folder = folder();
        let size = format!("size={megabytes}m,mode=0711");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        println!("skipped: mounting a disk takes root");
        None
    }

    fn settings(&self) -> Settings {
        Settings::new(self.folder.path().join("cluster")).without_durability()
    }

    fn make_read_only(&self) {
        let status = Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(self.folder.path())
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Leaves less than a page.
    fn fill(&self) -> PathBuf {
        let file = self.folder.path().join("ballast");
        let mut ballast = std::fs::File::create(&file).unwrap();
        let full = std::io::copy(&mut std::io::repeat(0), &mut ballast).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        file
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that is just ending does not hold it up.
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.folder.path())
            .status();
    }
}

fn assert_is(error: &Error, kind: ErrorKind, says: &str) {
    let said = Chain(error).to_string();
    assert_eq!(error.kind(), kind, "{said}");
    assert!(said.contains(says), "{said}");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("UNDERPIN_DATA_DIR")),
        "{:?}",
        error.hint()
    );
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_new_cluster_on_a_disk_that_is_too_small_says_so_and_leaves_no_half_of_it() {
    let Some(disk) = Disk::mount(16) else { return };
    let settings = disk.settings();
    let error = Cluster::start(settings.clone()).await.unwrap_err();
    assert_is(&error, ErrorKind::OutOfResources, "the disk is full");
    let left: Vec<_> = entries(&settings.data_dir)
        .into_iter()
        .filter(|name| name.starts_with("data"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn a_cluster_on_a_full_disk_says_so_and_starts_when_there_is_space_again() {
    let Some(disk) = Disk::mount(128) else { return };
    let settings = disk.settings();
    Cluster::start(settings.clone())
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    let ballast = disk.fill();
    let error = Cluster::start(settings.clone()).await.unwrap_err();
    assert_is(&error, ErrorKind::OutOfResources, "the disk is full");
    std::fs::remove_file(ballast).unwrap();
    Cluster::start(settings)
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_cluster_on_a_read_only_disk_says_so() {
    let Some(disk) = Disk::mount(16) else { return };
    disk.make_read_only();
    let error = Cluster::start(disk.settings()).await.unwrap_err();
    assert_is(&error, ErrorKind::Io, "the file system is read-only");
}

#[tokio::test]
async fn a_cluster_on_a_disk_that_became_read_only_says_so() {
    let Some(disk) = Disk::mount(128) else { return };
    Cluster::start(disk.settings())
        .await
        .unwrap()
        .stop()
        .await
        .unwrap();
    disk.make_read_only();
    let error = Cluster::start(disk.settings()).await.unwrap_err();
    assert_is(&error, ErrorKind::Io, "the file system is read-only");
}

#[tokio::test]
async fn a_folder_that_the_server_s_user_cannot_reach_is_named() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root drops to another user");
        return;
    }
    let outer = tempfile::tempdir().unwrap();
    let closed_mode = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(outer.path(), closed_mode).unwrap();
    let inner = outer.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    open_to_others(&inner);
    let error = Cluster::start(Settings::new(inner.join("cluster")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    let closed = outer.path().display().to_string();
    assert!(error.to_string().ends_with(&closed), "{error}");
    assert!(
        error
            .hint()
            .unwrap()
            .contains(&format!("chmod o+x {closed}"))
    );
}
