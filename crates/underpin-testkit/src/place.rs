//! Where test clusters live, and which PostgreSQL runs them.

use sha2::{Digest, Sha256};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use underpin_local::{Binaries, Error, Settings};

/// The major version asked for with `UNDERPIN_TEST_POSTGRES`, which `cargo xtask test --postgres` sets.
///
/// # Panics
/// When it is set to something else than a number.
#[must_use]
pub fn wanted_major() -> Option<u32> {
    let text = variable("UNDERPIN_TEST_POSTGRES")?;
    Some(text.parse().unwrap_or_else(|_| {
        panic!("UNDERPIN_TEST_POSTGRES is {text:?}, not a major version such as 18")
    }))
}

/// Settings that every test cluster shares: fast instead of durable, and room for many tests at once.
///
/// # Panics
/// When the machine has no binaries of the version asked for.
#[must_use]
pub fn settings(data_dir: &Path) -> Settings {
    let mut settings = Settings::new(data_dir)
        .without_durability()
        .with_server_setting("max_connections", "300")
        .with_server_setting("wal_level", "logical")
        .with_server_setting("max_prepared_transactions", "20");
    settings.major = wanted_major();
    settings.postgres_bin = variable("UNDERPIN_POSTGRES_BIN").map(PathBuf::from);
    settings
}

/// The folder of the cluster that all test processes of this checkout share: `target/testkit/pg<major>`, or, when the
/// binaries are named, `pg<version>`: a cluster that another minor version runs is never taken for one of theirs.
///
/// When tests run as root and the target folder is closed to other users, a folder of the same meaning in the temporary
/// folder, because the server runs unprivileged.
pub(crate) fn shared_folder() -> Result<PathBuf, Error> {
    let named = variable("UNDERPIN_POSTGRES_BIN").map(PathBuf::from);
    let version = match (&named, wanted_major()) {
        (Some(folder), _) => Binaries::find(Some(folder))?.version().to_owned(),
        (None, Some(major)) => major.to_string(),
        (None, None) => Binaries::find(None)?.major().to_string(),
    };
    let target = target_folder();
    let parent = if is_passable(&target) {
        target.join("testkit")
    } else {
        in_temporary_folder(&target)
    };
    Ok(parent.join(format!("pg{version}")))
}

/// A new temporary folder that the unprivileged user may pass through, also when the tests run as root.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn temporary_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let open = std::fs::Permissions::from_mode(0o711);
    std::fs::set_permissions(folder.path(), open).expect("its mode can be changed by its owner");
    folder
}

/// The target folder of the running test binary; cargo marks it with a tag.
fn target_folder() -> PathBuf {
    let exe = std::env::current_exe().expect("the operating system knows the running binary");
    let tagged = exe
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists());
    tagged.map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        Path::to_path_buf,
    )
}

/// May everybody pass through all folders on the way? Asked only as root; others keep their own user.
fn is_passable(folder: &Path) -> bool {
    !rustix::process::geteuid().is_root()
        || folder.ancestors().all(|folder| {
            folder
                .metadata()
                .is_ok_and(|metadata| metadata.mode() & 0o001 != 0)
        })
}

/// A folder of our own in the temporary folder, one a target folder.
fn in_temporary_folder(target: &Path) -> PathBuf {
    let digest = Sha256::digest(target.as_os_str().as_bytes());
    let name: String = digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let folder = std::env::temp_dir().join(format!("underpin-testkit-{name}"));
    let made = std::fs::DirBuilder::new().mode(0o711).create(&folder);
    let owner = folder
        .symlink_metadata()
        .ok()
        .filter(std::fs::Metadata::is_dir)
        .map(|metadata| metadata.uid());
    assert_eq!(
        owner,
        Some(rustix::process::geteuid().as_raw()),
        "{} is not ours ({made:?})",
        folder.display()
    );
    folder
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test kit is told the version to test on by cargo xtask, not by Config"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
