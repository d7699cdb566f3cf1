//! What the server's account can do to root, for whom it holds the files: links, second names and pipes in place of each file.
//!
//! As root the cluster's whole folder is given to the account, which is more than it has by itself. As a plain user the same
//! must hold of files, though it protects nobody: one code serves both.

use crate::support::{Unprivileged, folder, settings};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use underpin_core::Chain;
use underpin_local::{Cluster, Settings, stop};

/// What only root may read.
const SECRET: &str = "only for the eyes of root";

/// A cluster that is stopped and belongs to the account, and victims beside it.
struct Scene {
    place: tempfile::TempDir,
    settings: Settings,
}

/// A file as it is to stay.
#[derive(Debug, PartialEq)]
struct State {
    text: String,
    owner: (u32, u32),
    mode: u32,
    changed: (i64, i64),
}

impl Scene {
    async fn set() -> Self {
        let place = folder();
        let settings = Settings {
            start_deadline: Duration::from_secs(20),
            ..settings(place.path())
        };
        let cluster = Cluster::start(settings.clone()).await.unwrap();
        cluster.stop().await.unwrap();
        fs::write(settings.data_dir.join("server.log.1"), "old").unwrap();
        give_all(&settings.data_dir);
        Self { place, settings }
    }

    /// A new file that only root may read. Its first line is the number of a living process, as `postmaster.pid` has it.
    fn victim(&self, name: &str) -> PathBuf {
        let file = self.place.path().join(name);
        let _ = fs::remove_file(&file);
        fs::write(&file, format!("{}\n{SECRET}\n", std::process::id())).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        file
    }

    /// A new folder that only root may enter, with files of the names that are removed from the folder of the socket.
    fn folder_of_victims(&self) -> PathBuf {
        let folder = self.place.path().join("victims");
        if !folder.exists() {
            fs::create_dir(&folder).unwrap();
            for name in [".s.PGSQL.5432", "PG_VERSION", "postmaster.pid"] {
                fs::write(folder.join(name), SECRET).unwrap();
            }
        }
        folder
    }

    /// Everything at the top of the cluster's folder, and of its data folder as root: as a plain user PostgreSQL itself may
    /// follow a link to a file of the same user there.
    fn entries(&self) -> Vec<PathBuf> {
        let list = |folder: PathBuf| {
            let entries = folder.read_dir().unwrap();
            entries
                .map(|entry| entry.unwrap().path())
                .collect::<Vec<_>>()
        };
        let mut all = list(self.settings.data_dir.clone());
        if rustix::process::geteuid().is_root() {
            all.extend(list(self.settings.data_dir.join("data")));
        }
        all.sort();
        all
    }

    /// The files that Underpin makes or replaces, which need not be there when they are planted.
    fn expected_names(&self) -> Vec<PathBuf> {
        let pid = std::process::id();
        let names = [
            String::from("data/postmaster.pid"),
            String::from("server.log.1"),
            format!("cluster.json.new-{pid}"),
            format!("password.new-{pid}"),
            format!("data.unfinished-{pid}"),
            format!("data.unfinished-{pid}.password"),
        ];
        names.map(|name| self.settings.data_dir.join(name)).into()
    }

    /// Starts, asks and stops; whatever comes of it, it says nothing of what is in the victims, and ends.
    async fn play(&self, planted: &Path) {
        let started = Cluster::start(self.settings.clone()).await;
        let mut said = match started {
            Ok(cluster) => {
                let said = format!("{:?} {}", cluster, cluster.url("underpin").expose());
                drop(cluster);
                said
            }
            Err(error) => format!("{} {error:?}", Chain(&error)),
        };
        if let Err(error) = stop(self.settings.clone(), true).await {
            said.push_str(&Chain(&error).to_string());
        }
        assert!(!said.contains(SECRET), "{}: {said}", planted.display());
    }
}

fn state(file: &Path) -> State {
    let metadata = file.symlink_metadata().unwrap();
    State {
        text: fs::read_to_string(file).unwrap(),
        owner: (metadata.uid(), metadata.gid()),
        mode: metadata.mode(),
        changed: (metadata.mtime(), metadata.mtime_nsec()),
    }
}

/// Gives a folder and all that is in it to the account.
fn give_all(path: &Path) {
    Unprivileged::give(path);
    if path.is_dir() && !path.is_symlink() {
        for entry in path.read_dir().unwrap() {
            give_all(&entry.unwrap().path());
        }
    }
}

/// Puts something in the place of an entry, plays, and puts the entry back.
async fn in_place_of(scene: &Scene, entry: &Path, plant: impl FnOnce(&Path)) {
    let kept = scene.place.path().join("kept");
    let was_there = fs::rename(entry, &kept).is_ok();
    plant(entry);
    scene.play(entry).await;
    if entry.is_dir() && !entry.is_symlink() {
        fs::remove_dir_all(entry).unwrap();
    } else {
        let _ = fs::remove_file(entry);
    }
    if was_there {
        fs::rename(&kept, entry).unwrap();
    }
}

#[tokio::test]
async fn a_link_in_place_of_any_file_leads_root_nowhere() {
    let scene = Scene::set().await;
    let victim = scene.victim("victim");
    let before = state(&victim);
    for entry in scene.entries().into_iter().chain(scene.expected_names()) {
        let plant = |entry: &Path| {
            symlink(&victim, entry).unwrap();
            Unprivileged::give(entry);
        };
        in_place_of(&scene, &entry, plant).await;
        assert_eq!(state(&victim), before, "{}", entry.display());
    }
}

#[tokio::test]
async fn a_link_in_place_of_any_folder_leads_root_nowhere() {
    let scene = Scene::set().await;
    let folder = scene.folder_of_victims();
    let files = |folder: &Path| {
        let entries = folder.read_dir().unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .map(|file| (state(&file), file))
            .collect();
        files.sort_by(|(_, one), (_, other)| one.cmp(other));
        files
    };
    let before = (files(&folder), folder.metadata().unwrap().uid());
    let mut entries = scene.entries();
    entries.retain(|entry| entry.is_dir());
    entries.extend(scene.expected_names());
    for entry in entries {
        let plant = |entry: &Path| {
            symlink(&folder, entry).unwrap();
            Unprivileged::give(entry);
        };
        in_place_of(&scene, &entry, plant).await;
        let after = (files(&folder), folder.metadata().unwrap().uid());
        // A plain user may lay a folder elsewhere by a link of his own: it is followed then.
        if rustix::process::geteuid().is_root() {
            assert_eq!(after, before, "{}", entry.display());
        }
    }
}

#[tokio::test]
async fn a_second_name_of_a_file_of_root_is_not_taken_for_one_of_the_cluster() {
    let scene = Scene::set().await;
    let victim = scene.victim("victim");
    let before = state(&victim);
    let mut entries = scene.entries();
    entries.retain(|entry| entry.is_file());
    for entry in entries.into_iter().chain(scene.expected_names()) {
        // A plain user's own files have second names as he likes; they are his.
        if !rustix::process::geteuid().is_root() && entry.ends_with("data/postmaster.pid") {
            continue;
        }
        let log = entry.ends_with("server.log") || entry.extension().is_some_and(|it| it == "lock");
        if !rustix::process::geteuid().is_root() && log {
            continue;
        }
        in_place_of(&scene, &entry, |entry| {
            fs::hard_link(&victim, entry).unwrap()
        })
        .await;
        assert_eq!(state(&victim), before, "{}", entry.display());
    }
}

#[tokio::test]
async fn a_pipe_in_place_of_any_file_is_not_waited_for() {
    let scene = Scene::set().await;
    let mut entries = scene.entries();
    // PostgreSQL itself waits for its own files: the deadline of the start ends that, too.
    entries.retain(|entry| {
        entry.is_file() && entry.parent() != Some(&scene.settings.data_dir.join("data"))
    });
    entries.push(scene.settings.data_dir.join("data/PG_VERSION"));
    for entry in entries.into_iter().chain(scene.expected_names()) {
        let plant = |entry: &Path| {
            assert!(
                Command::new("mkfifo")
                    .arg(entry)
                    .status()
                    .unwrap()
                    .success()
            );
            Unprivileged::give(entry);
        };
        let played = in_place_of(&scene, &entry, plant);
        let in_time = tokio::time::timeout(Duration::from_secs(60), played).await;
        assert!(in_time.is_ok(), "{} is waited for", entry.display());
    }
}

#[tokio::test]
async fn a_file_without_end_is_not_read_to_its_end() {
    let scene = Scene::set().await;
    for name in [
        "password",
        "cluster.json",
        "data/PG_VERSION",
        "data/postmaster.pid",
    ] {
        let entry = scene.settings.data_dir.join(name);
        let plant = |entry: &Path| {
            let file = fs::File::create(entry).unwrap();
            // Sparse: more than any machine has memory for.
            file.set_len(1 << 40).unwrap();
            Unprivileged::give(entry);
        };
        in_place_of(&scene, &entry, plant).await;
    }
}

#[tokio::test]
async fn a_folder_that_others_may_write_to_holds_no_cluster_of_root() {
    let place = folder();
    let settings = settings(place.path());
    fs::create_dir(&settings.data_dir).unwrap();
    fs::set_permissions(&settings.data_dir, Permissions::from_mode(0o1777)).unwrap();
    let started = Cluster::start(settings.clone()).await;
    if rustix::process::geteuid().is_root() {
        let error = started.unwrap_err();
        assert!(
            error.to_string().contains("other users may write to it"),
            "{error}"
        );
        assert!(
            error.hint().unwrap().contains("chmod go-w"),
            "{:?}",
            error.hint()
        );
    } else {
        started.unwrap().stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_number_of_a_process_of_another_user_is_no_server_although_it_looks_like_one() {
    let scene = Scene::set().await;
    let data = scene.settings.data_dir.join("data");
    // A program of that name, working in that folder, with the rights of whoever runs the test.
    let program = scene.place.path().join("postgres");
    fs::copy("/bin/sleep", &program).unwrap();
    let mut stranger = Command::new(&program)
        .arg("600")
        .current_dir(&data)
        .spawn()
        .unwrap();
    let text = format!(
        "{}\n{}\n1700000000\n5432\n\n127.0.0.1\n  1 1\nready   \n",
        stranger.id(),
        data.display()
    );
    let record = format!(
        "{{\"pid\":{},\"started\":1700000000,\"port\":5432,\"lifetime\":\"while_used\",\"binaries\":\"/tmp\",\"version\":\"15\",\"run_as\":null,\"starter\":1}}",
        stranger.id()
    );
    for (name, text) in [("data/postmaster.pid", text), ("cluster.json", record)] {
        let file = scene.settings.data_dir.join(name);
        fs::write(&file, text).unwrap();
        Unprivileged::give(&file);
    }
    let _ = stop(scene.settings.clone(), true).await;
    let status = stranger.try_wait().unwrap();
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    // A plain user's own process is one that he may end.
    if rustix::process::geteuid().is_root() {
        assert_eq!(status, None, "a process of root was ended");
    }
}
