//! PostgreSQL's programs: where they are and which version they have.

use crate::account::Account;
use crate::program;
use crate::search::{self, Place};
use crate::{Error, Settings, files, install};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use underpin_core::ErrorKind;

/// The major versions that Underpin supports.
pub const SUPPORTED_MAJORS: std::ops::RangeInclusive<u32> = 14..=18;

/// What to do when there are no binaries.
const INSTALL_HINT: &str = "run `underpin db install` (needs Python's pip, no root), or `apt-get install postgresql`, or `brew install postgresql@18`, \
     or name the folder with UNDERPIN_POSTGRES_BIN";

/// What to do when only root can run them.
const OPEN_HINT: &str = "open the folder to other users (`chmod o+rx`), or name other binaries with UNDERPIN_POSTGRES_BIN";

/// One installation of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
    version: String,
}

impl Binaries {
    /// The programs in `folder`, or where `folder` is None the first supported ones that the machine has.
    ///
    /// Looked for in this order: `PATH`, `pg_config --bindir`, the folders of distributions (newest major first), Homebrew,
    /// Postgres.app, and what `underpin db install` unpacked.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there are none, listing every place looked at; [`ErrorKind::Unsupported`] when `folder`
    /// holds a version outside [`SUPPORTED_MAJORS`].
    pub fn find(folder: Option<&Path>) -> Result<Self, Error> {
        let settings = Settings {
            postgres_bin: folder.map(Path::to_path_buf),
            ..Settings::new(PathBuf::new())
        };
        let account = Account::choose(settings.run_as.as_deref())?;
        Self::choose(&settings, None, &account)
    }

    /// The folder with `postgres` and `initdb`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The major version, such as 18.
    #[must_use]
    pub const fn major(&self) -> u32 {
        self.major
    }

    /// The whole version, such as `18.4`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The path of one program, whether or not it is there.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The programs for a cluster of major version `existing`, or for a new one.
    ///
    /// They are only ever run as the account that will run the server: whoever can exchange them is not root by that.
    pub(crate) fn choose(
        settings: &Settings,
        existing: Option<u32>,
        account: &Account,
    ) -> Result<Self, Error> {
        if let Some(folder) = &settings.postgres_bin {
            let binaries =
                Self::in_folder(folder, account).map_err(|flaw| unusable_folder(folder, flaw))?;
            return match existing.or(settings.major) {
                Some(major) if major != binaries.major => Err(wrong_major(
                    settings,
                    major,
                    existing.is_some(),
                    &[binaries],
                )),
                _ => Ok(binaries),
            };
        }
        let (found, tried) = Self::all(settings, account);
        if found.is_empty() {
            return Err(none_found(&tried));
        }
        match existing.or(settings.major) {
            None => Ok(found.into_iter().next())
                .and_then(|first| first.ok_or_else(|| none_found(&tried))),
            Some(major) => match found.iter().find(|binaries| binaries.major == major) {
                Some(binaries) => Ok(binaries.clone()),
                None => Err(wrong_major(settings, major, existing.is_some(), &found)),
            },
        }
    }

    /// Every supported installation in the order of preference, and what was looked at.
    fn all(settings: &Settings, account: &Account) -> (Vec<Self>, Vec<Tried>) {
        let mut found: Vec<Self> = Vec::new();
        let mut tried = Vec::new();
        for place in search::places(settings.cache_dir.as_deref(), account) {
            let outcome = match Self::in_folder(&place.folder, account) {
                Ok(binaries) => {
                    if !found.contains(&binaries) {
                        found.push(binaries);
                    }
                    continue;
                }
                Err(flaw) => flaw,
            };
            tried.push(Tried { place, outcome });
        }
        (found, tried)
    }

    /// The programs in one folder, symbolic links followed: `initdb` lies beside the real `postgres`.
    pub(crate) fn in_folder(folder: &Path, account: &Account) -> Result<Self, Flaw> {
        let postgres =
            files::resolve(&folder.join("postgres")).map_err(|_| Flaw::Missing("postgres"))?;
        let folder = postgres
            .parent()
            .ok_or(Flaw::Missing("postgres"))?
            .to_path_buf();
        if !files::exists(&folder.join("initdb")) {
            return Err(Flaw::Missing("initdb"));
        }
        let mut question = account.command(&postgres);
        let does_not_run = |cause| Flaw::DoesNotRun(account.name().map(String::from), cause);
        let output = program::ask(question.arg("--version")).map_err(does_not_run)?;
        let (major, version) =
            parse_version(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| {
                let said = if output.stdout.is_empty() {
                    &output.stderr
                } else {
                    &output.stdout
                };
                does_not_run(io::Error::other(
                    String::from_utf8_lossy(said).trim().to_owned(),
                ))
            })?;
        if !SUPPORTED_MAJORS.contains(&major) {
            return Err(Flaw::Unsupported(version));
        }
        Ok(Self {
            folder,
            major,
            version,
        })
    }
}

/// Why a folder does not do.
#[derive(Debug)]
pub(crate) enum Flaw {
    Missing(&'static str),
    /// As whom, if not as this process's own user, and what was said.
    DoesNotRun(Option<String>, io::Error),
    Unsupported(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(program) => write!(f, "no {program}"),
            Self::DoesNotRun(None, said) => write!(f, "postgres does not run: {said}"),
            Self::DoesNotRun(Some(name), said) => write!(
                f,
                "postgres does not run as user {name}, to which root drops: {said}"
            ),
            Self::Unsupported(version) => write!(f, "PostgreSQL {version} is not supported"),
        }
    }
}

impl std::error::Error for Flaw {}

struct Tried {
    place: Place,
    outcome: Flaw,
}

fn none_found(tried: &[Tried]) -> Error {
    let mut message = String::from("no PostgreSQL binaries found; looked in");
    for Tried { place, outcome } in tried {
        message.push_str(&format!(
            "\n  {} ({}): {outcome}",
            place.folder.display(),
            place.origin
        ));
    }
    Error::new(ErrorKind::NotFound, message).with_hint(INSTALL_HINT)
}

fn unusable_folder(folder: &Path, flaw: Flaw) -> Error {
    let message = format!(
        "the configured folder of PostgreSQL's binaries, {}, cannot be used: {flaw}",
        folder.display()
    );
    let kind = match &flaw {
        Flaw::Unsupported(_) => ErrorKind::Unsupported,
        Flaw::DoesNotRun(Some(_), _) => ErrorKind::PermissionDenied,
        Flaw::DoesNotRun(None, _) | Flaw::Missing(_) => ErrorKind::NotFound,
    };
    if let Flaw::DoesNotRun(Some(_), cause) = flaw {
        return Error::new(kind, message)
            .with_hint(OPEN_HINT)
            .with_source(cause);
    }
    let (first, last) = (SUPPORTED_MAJORS.start(), SUPPORTED_MAJORS.end());
    Error::new(kind, message).with_hint(format!("point UNDERPIN_POSTGRES_BIN to the `bin` folder of PostgreSQL {first} to {last}, or unset it"))
}

/// Binaries there are, but none of the major version that is needed.
fn wrong_major(settings: &Settings, major: u32, exists: bool, found: &[Binaries]) -> Error {
    let listed: Vec<_> = found
        .iter()
        .map(|binaries| format!("{} in {}", binaries.version, binaries.folder.display()))
        .collect();
    let listed = listed.join(", ");
    let portable = install::portable_majors().contains(&major);
    if !exists {
        let hint = if portable {
            format!("run `underpin db install --version {major}`")
        } else {
            format!("install PostgreSQL {major} with the system's package manager")
        };
        let message = format!("no binaries of PostgreSQL {major}; there is {listed}");
        return Error::new(ErrorKind::NotFound, message).with_hint(hint);
    }
    let data = settings.data_dir.display();
    let hint = match (settings.postgres_bin.is_some(), portable) {
        (true, _) => format!(
            "point UNDERPIN_POSTGRES_BIN to PostgreSQL {major} or unset it, or choose an empty folder with UNDERPIN_DATA_DIR"
        ),
        (false, true) => format!(
            "run `underpin db install --version {major}`, upgrade the folder with pg_upgrade, or choose an empty one with UNDERPIN_DATA_DIR"
        ),
        (false, false) => format!(
            "install PostgreSQL {major}, upgrade the folder with pg_upgrade, or choose an empty one with UNDERPIN_DATA_DIR"
        ),
    };
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "the cluster in {data} was made by PostgreSQL {major}, but the binaries are {listed}"
        ),
    )
    .with_hint(hint)
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is 15 and `15.18`.
fn parse_version(said: &str) -> Option<(u32, String)> {
    let version = said
        .strip_prefix("postgres (PostgreSQL) ")?
        .split_whitespace()
        .next()?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((digits.parse().ok()?, String::from(version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_releases_betas_and_distribution_builds() {
        let check = |said: &str, expected: Option<(u32, &str)>| {
            assert_eq!(
                parse_version(said),
                expected.map(|(major, version)| (major, String::from(version))),
                "{said}"
            );
        };
        check("postgres (PostgreSQL) 18.4\n", Some((18, "18.4")));
        check(
            "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
            Some((15, "15.18")),
        );
        check("postgres (PostgreSQL) 19beta1\n", Some((19, "19beta1")));
        check("postgres (EnterpriseDB) 15.1", None);
        check("", None);
    }
}
