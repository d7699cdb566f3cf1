//! A folder that every user may pass through, and questions to a server through `psql`.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use underpin_core::DatabaseUrl;
use underpin_core::url::Host;
use underpin_local::{Binaries, Settings};

/// A temporary folder that the unprivileged user may pass through, also when the tests run as root.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    open_to_others(folder.path());
    folder
}

pub(crate) fn open_to_others(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711))
        .expect("our own folder");
}

/// Settings of a cluster below `folder` that does not wait for the disk.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings::new(folder.join("cluster")).without_durability()
}

/// Asks the server, as any client would.
pub(crate) fn ask(url: &DatabaseUrl, sql: &str) -> Result<String, String> {
    let (host, port) = match &url.hosts[0] {
        Host::Unix { directory, port } => (directory.to_str().expect("UTF-8").to_owned(), *port),
        Host::Tcp { name, port } => (name.clone(), *port),
    };
    let program = Binaries::find(None)
        .expect("PostgreSQL is here")
        .program("psql");
    let output = Command::new(program)
        .args(["-X", "-w", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .env("PGHOST", host)
        .env("PGPORT", port.to_string())
        .env("PGUSER", &url.user)
        .env(
            "PGPASSWORD",
            url.password.as_ref().expect("a password").expose(),
        )
        .env("PGDATABASE", &url.database)
        .env("PGCONNECT_TIMEOUT", "10")
        .output()
        .expect("psql runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").trim().to_owned();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// The user that runs the server: `postgres` when the tests run as root, else ourselves.
pub(crate) struct Unprivileged;

impl Unprivileged {
    pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Some((uid, gid)) = Self::ids() {
            command.uid(uid).gid(gid);
        }
        command
    }

    pub(crate) fn give(file: &Path) {
        if let Some((uid, gid)) = Self::ids() {
            std::os::unix::fs::lchown(file, Some(uid), Some(gid)).expect("root may");
        }
    }

    fn ids() -> Option<(u32, u32)> {
        let ask = |flag: &str| {
            let output = Command::new("id")
                .args([flag, "postgres"])
                .output()
                .expect("id runs");
            String::from_utf8(output.stdout)
                .expect("digits")
                .trim()
                .parse()
                .ok()
        };
        rustix::process::geteuid()
            .is_root()
            .then(|| ask("-u").zip(ask("-g")))
            .flatten()
    }
}

/// Waits for a state, at most a minute: the machine may be busy.
pub(crate) async fn until(state: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "not within a minute: {state}");
        tokio::task::yield_now().await;
        std::thread::sleep(Duration::from_millis(1));
    }
}
