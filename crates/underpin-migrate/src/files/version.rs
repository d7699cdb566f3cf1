//! A migration's version: the moment it was written, to the second.

use crate::Error;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use underpin_core::ErrorKind;

/// The version of a migration: 14 digits, `YYYYMMDDHHMMSS`, UTC.
///
/// Versions order migrations. Nothing but the order is read from them, so a hand-made `20240101000075` is accepted.
///
/// ```
/// use underpin_migrate::Version;
/// let version: Version = "20240501120000".parse()?;
/// assert_eq!(version.to_string(), "20240501120000");
/// assert!("1".parse::<Version>().is_err());
/// # Ok::<(), underpin_migrate::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

const DIGITS: usize = 14;

/// How far the next time is from a number that is none: seconds and minutes have sixty.
const NEAR: i64 = 10_000;

impl Version {
    /// The version of a migration written now.
    #[must_use]
    pub fn now() -> Self {
        Self::of(Timestamp::now().to_zoned(TimeZone::UTC).datetime())
    }

    /// The next version that is a time: a second later, and after a number that is none, the nearest.
    pub(crate) fn next(self) -> Self {
        if let Some(time) = self.time() {
            return time
                .checked_add(1.second())
                .map_or(Self(self.0 + 1), Self::of);
        }
        let mut near = (1..=NEAR).map(|number| Self(self.0 + number));
        let time = near.find(|it| it.time().is_some());
        time.unwrap_or(Self(self.0 + 1))
    }

    fn of(time: DateTime) -> Self {
        let digits = [
            (i64::from(time.year()), 4),
            (i64::from(time.month()), 2),
            (i64::from(time.day()), 2),
            (i64::from(time.hour()), 2),
            (i64::from(time.minute()), 2),
            (i64::from(time.second()), 2),
        ];
        Self(digits.iter().fold(0, |version, (value, width)| {
            version * 10_i64.pow(*width) + value
        }))
    }

    /// The time that its digits are, if they are one.
    fn time(self) -> Option<DateTime> {
        let part = |from: u32, width: u32| self.0 / 10_i64.pow(from) % 10_i64.pow(width);
        let small = |from| i8::try_from(part(from, 2)).ok();
        DateTime::new(
            i16::try_from(part(10, 4)).ok()?,
            small(8)?,
            small(6)?,
            small(4)?,
            small(2)?,
            small(0)?,
            0,
        )
        .ok()
    }

    /// As the ledger stores it.
    pub(crate) fn to_i64(self) -> i64 {
        self.0
    }

    /// As the ledger stores it.
    pub(crate) fn from_i64(version: i64) -> Self {
        Self(version)
    }
}

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::new(
                ErrorKind::InvalidInput,
                format!("{text:?} is not a migration version"),
            )
            .with_hint("a version is 14 digits, YYYYMMDDHHMMSS, as in 20240501120000")
        };
        if text.len() != DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        text.parse().map(Self).map_err(|_digits_only| wrong())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$}", self.0)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_fourteen_digits() {
        for good in ["20240501120000", "00000000000001", "99999999999999"] {
            let version: Version = good.parse().expect(good);
            assert_eq!(version.to_string(), good);
        }
        for bad in [
            "",
            "1",
            "2024050112000",
            "202405011200000",
            "2024050112000x",
            "+0240501120000",
        ] {
            let error = bad.parse::<Version>().expect_err(bad);
            assert!(error.hint().is_some(), "{bad}");
        }
    }

    #[test]
    fn the_next_version_is_a_time() {
        let check = |version: &str, expected: &str| {
            let version: Version = version.parse().expect(version);
            assert_eq!(version.next().to_string(), expected, "{version}");
        };
        check("20261130155858", "20261130155859");
        check("20261130155859", "20261130155900");
        check("20261231235959", "20270101000000");
        check("20240228235959", "20240229000000");
        check("20261130155860", "20261130155900");
        check("20240101000075", "20240101000100");
        check("00000000000001", "00000000000002");
        check("99999999999998", "99999999999999");
    }

    #[test]
    fn now_is_a_version_that_parses() {
        let now = Version::now();
        assert_eq!(now.to_string().parse::<Version>().expect("digits"), now);
        assert!(now > Version(20_250_000_000_000));
    }
}
