//! A folder that every user may pass through, and questions to a server through `psql`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use underpin_core::DatabaseUrl;
use underpin_core::url::Host;
use underpin_local::{Binaries, Settings};

/// A temporary folder that the unprivileged user may pass through, also when the tests run as root.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    open_to_others(folder.path());
    folder
}

pub(crate) fn open_to_others(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711)).unwrap();
}

/// Settings of a cluster below `folder` that does not wait for the disk.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings::new(folder.join("cluster")).without_durability()
}

/// Asks the server, as any client would.
pub(crate) fn ask(url: &DatabaseUrl, sql: &str) -> Result<String, String> {
    let (host, port) = match &url.hosts[0] {
        Host::Unix { directory, port } => (directory.to_str().unwrap().to_owned(), *port),
        Host::Tcp { name, port } => (name.clone(), *port),
    };
    let program = Binaries::find(None).unwrap().program("psql");
    let output = Command::new(program)
        .args(["-X", "-w", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .env("PGHOST", host)
        .env("PGPORT", port.to_string())
        .env("PGUSER", &url.user)
        .env("PGPASSWORD", url.password.as_ref().unwrap().expose())
        .env("PGDATABASE", &url.database)
        .env("PGCONNECT_TIMEOUT", "10")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}
