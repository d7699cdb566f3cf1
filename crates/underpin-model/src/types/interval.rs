//! Spans of time as PostgreSQL has them.

use super::DbType;
use crate::SqlValue;
use bytes::{Buf, BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};
use serde_json::Value as JsonValue;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// An `interval`: months, days and a time are counted apart, since a month has no fixed number of days, a day none of
/// hours. Printed as ISO 8601: `P1M2DT3.5S`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interval {
    /// Months; twelve of them are a year.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Hours and less, in microseconds.
    pub microseconds: i64,
}

impl TryFrom<Duration> for Interval {
    type Error = std::num::TryFromIntError;

    /// A time without days; nanoseconds are cut off.
    fn try_from(duration: Duration) -> Result<Self, Self::Error> {
        Ok(Self {
            microseconds: i64::try_from(duration.as_micros())?,
            ..Self::default()
        })
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            months,
            days,
            microseconds,
        } = self;
        f.write_str("P")?;
        if *months != 0 {
            write!(f, "{months}M")?;
        }
        if *days != 0 {
            write!(f, "{days}D")?;
        }
        if *microseconds != 0 || (*months == 0 && *days == 0) {
            let sign = if *microseconds < 0 { "-" } else { "" };
            let micros = microseconds.unsigned_abs();
            let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
            write!(f, "T{sign}{seconds}")?;
            if fraction != 0 {
                write!(f, ".{}", format!("{fraction:06}").trim_end_matches('0'))?;
            }
            f.write_str("S")?;
        }
        Ok(())
    }
}

impl<'a> FromSql<'a> for Interval {
    fn from_sql(_type: &Type, mut raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        if raw.remaining() != 16 {
            return Err("an interval has 16 bytes".into());
        }
        Ok(Self {
            microseconds: raw.get_i64(),
            days: raw.get_i32(),
            months: raw.get_i32(),
        })
    }

    accepts!(INTERVAL);
}

impl ToSql for Interval {
    fn to_sql(
        &self,
        _type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_i64(self.microseconds);
        out.put_i32(self.days);
        out.put_i32(self.months);
        Ok(IsNull::No)
    }

    accepts!(INTERVAL);
    to_sql_checked!();
}

impl SqlValue for Interval {}

impl DbType for Interval {
    fn data_type() -> Cow<'static, str> {
        Cow::Borrowed("interval")
    }

    fn to_json(&self) -> JsonValue {
        JsonValue::from(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_printed_as_iso_8601() {
        let check = |months, days, microseconds, expected: &str| {
            let interval = Interval {
                months,
                days,
                microseconds,
            };
            assert_eq!(interval.to_string(), expected);
        };
        check(0, 0, 0, "PT0S");
        check(1, 2, 3_500_000, "P1M2DT3.5S");
        check(0, -1, 0, "P-1D");
        check(0, 0, -1, "PT-0.000001S");
    }
}
