//! File names: `<YYYYMMDDHHMMSS>_<slug>.up.sql` and `.down.sql`.

use super::{Direction, Version};
use crate::Error;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;
use underpin_core::ErrorKind;

/// Longest slug that [`Slug::from_str`] accepts.
const SLUG_LENGTH_MAX: usize = 100;

/// The words in a migration's file name: lower-case letters, digits and `_`.
///
/// Files that exist already may also use upper case and `-`: other tools wrote them.
///
/// ```
/// use underpin_migrate::Slug;
/// let slug: Slug = "add_users".parse()?;
/// assert_eq!(slug.as_str(), "add_users");
/// let error = "Add users!".parse::<Slug>().unwrap_err();
/// assert_eq!(error.hint(), Some("try add_users"));
/// # Ok::<(), underpin_migrate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people write it.
    #[must_use]
    pub fn words(&self) -> String {
        self.0.replace('_', " ")
    }

    /// A slug as the ledger recorded it.
    pub(crate) fn recorded(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Slug {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let edges = text.starts_with('_') || text.ends_with('_');
        if (1..=SLUG_LENGTH_MAX).contains(&text.len()) && text.bytes().all(fits) && !edges {
            return Ok(Self(String::from(text)));
        }
        let error = Error::new(
            ErrorKind::InvalidInput,
            format!("{text:?} is no name for a migration"),
        );
        Err(match suggestion(text) {
            Some(better) => error.with_hint(format!("try {better}")),
            None => error.with_hint("use lower-case letters, digits and _, as in add_users"),
        })
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The nearest good slug, when there is one.
fn suggestion(text: &str) -> Option<String> {
    let words: Vec<_> = text
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut slug = words.join("_").to_ascii_lowercase();
    slug.truncate(SLUG_LENGTH_MAX);
    let slug = slug.trim_matches('_');
    (!slug.is_empty()).then(|| String::from(slug))
}

/// A file name taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileName {
    pub(crate) version: Version,
    pub(crate) slug: Slug,
    pub(crate) direction: Direction,
}

/// Is this a file that belongs to migrations, well named or not?
pub(super) fn is_sql(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    !name.starts_with('.') && extension.is_some_and(|it| it.eq_ignore_ascii_case("sql"))
}

impl FromStr for FileName {
    /// What is wrong with the name.
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let (stem, direction) = if let Some(stem) = name.strip_suffix(".up.sql") {
            (stem, Direction::Up)
        } else if let Some(stem) = name.strip_suffix(".down.sql") {
            (stem, Direction::Down)
        } else {
            return Err("it ends neither in .up.sql nor in .down.sql");
        };
        let (version, slug) = stem
            .split_once('_')
            .ok_or("an underscore is missing between version and name")?;
        let version = version
            .parse()
            .map_err(|_: Error| "it does not begin with a version of 14 digits, YYYYMMDDHHMMSS")?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if slug.is_empty() || !slug.bytes().all(fits) {
            return Err("between version and .up.sql stand letters, digits, _ and - only");
        }
        Ok(Self {
            version,
            slug: Slug(String::from(slug)),
            direction,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_file_names_are_taken_apart() {
        let check = |name: &str, slug: &str, direction| {
            let parsed: FileName = name.parse().expect(name);
            assert_eq!(parsed.slug.as_str(), slug);
            assert_eq!(parsed.direction, direction);
        };
        check(
            "20240501120000_add_users.up.sql",
            "add_users",
            Direction::Up,
        );
        check(
            "20240501120000_Add-Users.down.sql",
            "Add-Users",
            Direction::Down,
        );
    }

    #[test]
    fn bad_file_names_say_what_is_wrong() {
        let check = |name: &str, part: &str| {
            let wrong = name.parse::<FileName>().expect_err(name);
            assert!(wrong.contains(part), "{name}: {wrong}");
        };
        check("20240501120000_add_users.sql", "neither in .up.sql");
        check("20240501120000_add_users.UP.SQL", "neither in .up.sql");
        check("20240501120000.up.sql", "underscore");
        check("1_init.up.sql", "14 digits");
        check("20240501120000_.up.sql", "letters");
        check("20240501120000_a b.up.sql", "letters");
        check("20240501120000_a/../b.up.sql", "letters");
    }

    #[test]
    fn bad_slugs_are_refused_with_a_better_one() {
        let check = |slug: &str, hint: &str| {
            let error = slug.parse::<Slug>().expect_err(slug);
            assert!(
                error.hint().is_some_and(|it| it.contains(hint)),
                "{slug}: {:?}",
                error.hint()
            );
        };
        check("Add Users", "try add_users");
        check("../../etc/passwd", "try etc_passwd");
        check("_x_", "try x");
        check("", "lower-case");
        check("ü", "lower-case");
        check(&"x".repeat(101), "try xxx");
    }
}
