//! Where this machine keeps things: the standard folders and `PATH`.
//!
//! These are facts about the machine, not settings of Underpin (those come in through [`Settings`](crate::Settings)),
//! so this file is the one exception to "only `Config::load` reads the environment".

use std::ffi::OsString;
use std::path::PathBuf;
use underpin_core::trust;

/// What a program of another user may know of this process's environment: where programs, libraries and time zones are.
const HARMLESS: [&str; 6] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "TZ",
    "TZDIR",
    "LOCPATH",
];

/// The folders named by `PATH`, in order. One that depends on the working folder is none: anybody may have put a program
/// there.
pub(crate) fn path_folders() -> Vec<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .collect()
}

/// The variables that a program of another user gets.
pub(crate) fn harmless_environment() -> Vec<(&'static str, OsString)> {
    let kept = |name| Some((name, variable(name)?));
    HARMLESS.into_iter().filter_map(kept).collect()
}

/// Where the cluster lives when nothing is configured.
///
/// `/var/lib/underpin` for root, whatever `XDG_DATA_HOME` says, because the unprivileged user that runs the server cannot
/// pass through `/root`;
/// otherwise `$XDG_DATA_HOME/underpin`, `~/.local/share/underpin`, or on macOS `~/Library/Application Support/underpin`.
/// None when there is no home folder.
#[must_use]
pub fn default_data_dir() -> Option<PathBuf> {
    user_folder(
        "XDG_DATA_HOME",
        "/var/lib/underpin",
        "Library/Application Support",
        ".local/share",
    )
}

/// Where `install` unpacks binaries when nothing is configured.
///
/// `/var/cache/underpin` for root, otherwise `$XDG_CACHE_HOME/underpin`, `~/.cache/underpin`, or on macOS
/// `~/Library/Caches/underpin`. None when there is no home folder.
#[must_use]
pub fn default_cache_dir() -> Option<PathBuf> {
    user_folder(
        "XDG_CACHE_HOME",
        "/var/cache/underpin",
        "Library/Caches",
        ".cache",
    )
}

/// A short folder for a socket whose own path would be too long: `$XDG_RUNTIME_DIR`, else the temporary folder.
///
/// Root never uses its runtime folder: the unprivileged user cannot enter it.
pub(crate) fn runtime_folders() -> Vec<PathBuf> {
    let own = variable("XDG_RUNTIME_DIR")
        .filter(|_| !is_root())
        .map(PathBuf::from);
    own.into_iter()
        .chain([std::env::temp_dir(), PathBuf::from("/tmp")])
        .filter(|folder| folder.is_absolute())
        .collect()
}

/// Does this process run as root?
pub(crate) fn is_root() -> bool {
    trust::is_root()
}

fn user_folder(xdg: &str, for_root: &str, on_macos: &str, elsewhere: &str) -> Option<PathBuf> {
    if is_root() {
        return Some(PathBuf::from(for_root));
    }
    if let Some(folder) = variable(xdg)
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
    {
        return Some(folder.join("underpin"));
    }
    let below = if cfg!(target_os = "macos") {
        on_macos
    } else {
        elsewhere
    };
    std::env::home_dir()
        .filter(|home| home.is_absolute())
        .map(|home| home.join(below).join("underpin"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "PATH and the XDG folders say where the machine keeps things"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
