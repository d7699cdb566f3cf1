//! Ranges.

use super::DbType;
use crate::SqlValue;
use bytes::{Buf, BufMut, BytesMut};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use postgres_types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};
use rust_decimal::Decimal;
use serde_json::{Value as JsonValue, json};
use std::borrow::Cow;
use std::error::Error;
use std::fmt::Debug;
use std::ops::Bound;
use underpin_pool::from_sql_exact;

const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;

/// A range: `int4range`, `tstzrange` and so on, by the type of its bounds.
///
/// PostgreSQL gives back ranges of whole numbers and days in the form `[lower, upper)`, whatever was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Range<T> {
    /// Nothing.
    Empty,
    /// What lies between two bounds.
    Between(Bound<T>, Bound<T>),
}

impl<T> From<std::ops::Range<T>> for Range<T> {
    fn from(range: std::ops::Range<T>) -> Self {
        Self::Between(Bound::Included(range.start), Bound::Excluded(range.end))
    }
}

/// A type that PostgreSQL has ranges of.
pub trait RangeElement: DbType {
    /// The range's name in SQL.
    const RANGE: &'static str;
}

macro_rules! range_elements {
    ($($type:ty => $range:literal;)+) => {$(
        impl RangeElement for $type {
            const RANGE: &'static str = $range;
        }
    )+};
}

range_elements! {
    i32 => "int4range";
    i64 => "int8range";
    Decimal => "numrange";
    Date => "daterange";
    DateTime => "tsrange";
    Timestamp => "tstzrange";
}

type BoxError = Box<dyn Error + Sync + Send>;

fn element(r#type: &Type) -> Option<&Type> {
    match r#type.kind() {
        Kind::Range(element) => Some(element),
        Kind::Domain(inner) => element(inner),
        _ => None,
    }
}

impl<'a, T: FromSql<'a>> FromSql<'a> for Range<T> {
    fn from_sql(r#type: &Type, mut raw: &'a [u8]) -> Result<Self, BoxError> {
        let element = element(r#type).ok_or("not a range")?;
        if !raw.has_remaining() {
            return Err("a range has at least one byte".into());
        }
        let flags = raw.get_u8();
        if flags & EMPTY != 0 {
            return Ok(Self::Empty);
        }
        let mut bound = |infinite: u8, inclusive: u8| {
            if flags & infinite != 0 {
                return Ok(Bound::Unbounded);
            }
            let ended = "a range ends too early";
            if raw.remaining() < 4 {
                return Err(BoxError::from(ended));
            }
            let length = usize::try_from(raw.get_i32())?;
            let (value, rest) = raw.split_at_checked(length).ok_or(ended)?;
            raw = rest;
            let value: T = from_sql_exact(element, value)?;
            Ok(if flags & inclusive == 0 {
                Bound::Excluded(value)
            } else {
                Bound::Included(value)
            })
        };
        let lower = bound(LOWER_INFINITE, LOWER_INCLUSIVE)?;
        Ok(Self::Between(
            lower,
            bound(UPPER_INFINITE, UPPER_INCLUSIVE)?,
        ))
    }

    fn accepts(r#type: &Type) -> bool {
        element(r#type).is_some_and(T::accepts)
    }
}

impl<T: ToSql> ToSql for Range<T> {
    fn to_sql(&self, r#type: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        let element = element(r#type).ok_or("not a range")?;
        let Self::Between(lower, upper) = self else {
            out.put_u8(EMPTY);
            return Ok(IsNull::No);
        };
        let flag = |bound: &Bound<T>, infinite, inclusive| match bound {
            Bound::Unbounded => infinite,
            Bound::Included(_) => inclusive,
            Bound::Excluded(_) => 0,
        };
        out.put_u8(
            flag(lower, LOWER_INFINITE, LOWER_INCLUSIVE)
                | flag(upper, UPPER_INFINITE, UPPER_INCLUSIVE),
        );
        for bound in [lower, upper] {
            let (Bound::Included(value) | Bound::Excluded(value)) = bound else {
                continue;
            };
            let at = out.len();
            out.put_i32(0);
            if let IsNull::Yes = value.to_sql(element, out)? {
                return Err("a bound of a range is not NULL".into());
            }
            let length = i32::try_from(out.len() - at - 4)?;
            out[at..at + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(IsNull::No)
    }

    fn accepts(r#type: &Type) -> bool {
        element(r#type).is_some_and(T::accepts)
    }

    to_sql_checked!();
}

impl<T: RangeElement> SqlValue for Range<T> {}

impl<T: RangeElement> DbType for Range<T> {
    fn data_type() -> Cow<'static, str> {
        Cow::Borrowed(T::RANGE)
    }

    /// `{"lower": 1, "upper": 5, "bounds": "[)"}`; null for an empty range.
    fn to_json(&self) -> JsonValue {
        let Self::Between(lower, upper) = self else {
            return JsonValue::Null;
        };
        let value = |bound: &Bound<T>| match bound {
            Bound::Included(value) | Bound::Excluded(value) => value.to_json(),
            Bound::Unbounded => JsonValue::Null,
        };
        let is_in = |bound: &Bound<T>| matches!(bound, Bound::Included(_));
        let bounds = format!(
            "{}{}",
            if is_in(lower) { '[' } else { '(' },
            if is_in(upper) { ']' } else { ')' },
        );
        json!({"lower": value(lower), "upper": value(upper), "bounds": bounds})
    }
}
