//! What a check is told beside the SQL.

use super::live::Facts;
use super::measured::Measured;
use crate::Error;
use crate::files::Version;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use underpin_core::ErrorKind;

/// The oldest major version that has a meaning in any rule.
const MAJOR_MIN: u16 = 9;

/// The newest major version that a digit slip could not have made.
const MAJOR_MAX: u16 = 99;

/// What a check is told beside the SQL.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Name of the file, for messages.
    pub file: Arc<str>,
    /// The PostgreSQL that will run it; without one, the server of `facts`, else [`PgVersion::DEFAULT`].
    pub pg_version: Option<PgVersion>,
    /// Does the tool that runs the file wrap it into one transaction?
    pub assume_in_transaction: bool,
    /// What is known of the database; without it the live rules are not checked.
    pub facts: Option<Arc<Facts>>,
    /// What the file did on a scratch server; without it the measured rules are not checked.
    pub measured: Option<Arc<Measured>>,
    /// The version of the migration, when the file has one.
    pub version: Option<Version>,
    /// The migration before it in its folder.
    pub predecessor: Option<Version>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            file: Arc::from("migration"),
            pg_version: None,
            assume_in_transaction: false,
            facts: None,
            measured: None,
            version: None,
            predecessor: None,
        }
    }
}

impl Settings {
    /// For a file: its name, and its place in its folder when it is the way forward of a migration.
    #[must_use]
    pub fn for_file(path: &Path) -> Self {
        let mut settings = Self {
            file: Arc::from(path.display().to_string()),
            ..Self::default()
        };
        let name = path.file_name().and_then(|it| it.to_str());
        settings.version = name.and_then(version);
        let folder = path.parent().map(|it| match it.as_os_str().is_empty() {
            true => Path::new("."),
            false => it,
        });
        // A folder that cannot be read has no predecessor to tell.
        let entries = folder.and_then(|it| it.read_dir().ok());
        let names = entries
            .into_iter()
            .flatten()
            .filter_map(|it| it.ok()?.file_name().into_string().ok());
        let versions = names.filter_map(|it| version(&it));
        settings.predecessor = versions.filter(|it| Some(*it) < settings.version).max();
        settings
    }

    /// The PostgreSQL that the rules assume.
    #[must_use]
    pub fn pg_version(&self) -> PgVersion {
        let server = || self.facts.as_ref().map(|facts| facts.server);
        self.pg_version
            .or_else(server)
            .unwrap_or(PgVersion::DEFAULT)
    }
}

/// The version in the name of an up file.
fn version(name: &str) -> Option<Version> {
    let stem = name.strip_suffix(".up.sql")?;
    stem.split('_').next()?.parse().ok()
}

/// A version of PostgreSQL: `15` or `14.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PgVersion {
    /// The major version.
    pub major: u16,
    /// The minor version, when it is known.
    pub minor: Option<u16>,
}

impl PgVersion {
    /// What is assumed when nobody says.
    pub const DEFAULT: Self = Self {
        major: 15,
        minor: None,
    };

    /// From `server_version_num`, as in 150004.
    pub(super) fn from_number(number: i32) -> Option<Self> {
        Some(Self {
            major: u16::try_from(number / 10_000).ok()?,
            minor: Some(u16::try_from(number % 10_000).ok()?),
        })
    }
}

impl FromStr for PgVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::new(
                ErrorKind::InvalidInput,
                format!("{text:?} is no version of PostgreSQL"),
            )
            .with_hint("write the major version or both numbers, as in 15 or 14.3")
        };
        let mut numbers = text.split('.');
        let major: u16 = numbers
            .next()
            .and_then(|it| it.parse().ok())
            .filter(|it| (MAJOR_MIN..=MAJOR_MAX).contains(it))
            .ok_or_else(wrong)?;
        let minor = numbers.next().map(str::parse).transpose();
        let minor = minor.map_err(|cause| wrong().with_source(cause))?;
        // PostgreSQL 9 had three numbers; the third decides nothing here.
        match numbers.count() {
            0 | 1 => Ok(Self { major, minor }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for PgVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            Some(minor) => write!(f, "{}.{minor}", self.major),
            None => write!(f, "{}", self.major),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_printed() {
        let check = |text: &str| assert_eq!(text.parse::<PgVersion>().unwrap().to_string(), text);
        check("15");
        check("14.3");
        for wrong in ["", "x", "15.", "15.x", "3", "150004", "1.2.3.4", "-1"] {
            assert!(wrong.parse::<PgVersion>().is_err(), "{wrong}");
        }
    }
}
