//! Rust types of single values: how they are bound, and how text from outside becomes one.

use crate::Kind;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use std::net::IpAddr;
use underpin_core::Id;
use underpin_pool::ToSql;
use uuid::Uuid;

/// A value that is not NULL: what a column is compared with.
///
/// Query strings and cursors carry values as text: `parse(&print(x)) == Some(x)` for every ordered type. The defaults
/// are those of a type that text cannot stand for, such as a composite: `impl SqlValue for Point {}`.
pub trait SqlValue: ToSql + Clone + Send + Sync + 'static {
    /// What kind of value it is.
    const KIND: Kind = Kind::Opaque;

    /// Reads text from outside; None when it is no such value.
    #[must_use]
    fn parse(_text: &str) -> Option<Self> {
        None
    }

    /// Writes the text that [`parse`](Self::parse) reads.
    #[must_use]
    fn print(&self) -> String {
        String::new()
    }
}

/// A value that has a size: it can be compared with `<`, sorted by, and paged by.
#[diagnostic::on_unimplemented(
    message = "a column of `{Self}` cannot be compared by size or sorted by",
    note = "ordered are numbers, text, times, ids, addresses and enums"
)]
pub trait Ordered: SqlValue {}

/// The Rust type of a column: a value, or an `Option` of one where the column may be NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a column",
    note = "implement `SqlValue` for it, or derive `DbEnum`, a domain or a composite type"
)]
pub trait ColumnType: Clone + Send + Sync + 'static {
    /// The type without `Option`.
    type Inner: SqlValue;
    /// May it be NULL?
    const NULLABLE: bool;

    /// The value, unless it is NULL.
    fn value(&self) -> Option<&Self::Inner>;
}

impl<T: SqlValue> ColumnType for T {
    type Inner = T;
    const NULLABLE: bool = false;

    fn value(&self) -> Option<&T> {
        Some(self)
    }
}

impl<T: SqlValue> ColumnType for Option<T> {
    type Inner = T;
    const NULLABLE: bool = true;

    fn value(&self) -> Option<&T> {
        self.as_ref()
    }
}

/// Types whose `FromStr` and `Display` fit.
macro_rules! plain_values {
    ($($kind:expr => $($type:ty),+;)+) => {$($(
        impl SqlValue for $type {
            const KIND: Kind = $kind;

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn print(&self) -> String {
                self.to_string()
            }
        }

        impl Ordered for $type {}
    )+)+};
}

plain_values! {
    Kind::Boolean => bool;
    Kind::Integer { min: i16::MIN as i64, max: i16::MAX as i64 } => i16;
    Kind::Integer { min: i32::MIN as i64, max: i32::MAX as i64 } => i32;
    Kind::Integer { min: i64::MIN, max: i64::MAX } => i64;
    Kind::Number => f32, f64, Decimal;
    Kind::Uuid => Uuid;
    Kind::Date => Date;
    Kind::Time => Time;
    Kind::Address => IpAddr;
}

impl SqlValue for String {
    const KIND: Kind = Kind::Text;

    fn parse(text: &str) -> Option<Self> {
        // PostgreSQL has no text with NUL.
        (!text.contains('\0')).then(|| Self::from(text))
    }

    fn print(&self) -> String {
        self.clone()
    }
}

impl Ordered for String {}

impl<T: 'static> SqlValue for Id<T> {
    const KIND: Kind = Kind::Uuid;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn print(&self) -> String {
        self.to_string()
    }
}

impl<T: 'static> Ordered for Id<T> {}

impl SqlValue for Timestamp {
    const KIND: Kind = Kind::Timestamp;

    /// A day without a time is its midnight in UTC.
    fn parse(text: &str) -> Option<Self> {
        let midnight = || {
            let day: Date = text.parse().ok()?;
            Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
        };
        text.parse().ok().or_else(midnight)
    }

    fn print(&self) -> String {
        self.to_string()
    }
}

impl Ordered for Timestamp {}

impl SqlValue for civil::DateTime {}

impl SqlValue for serde_json::Value {
    const KIND: Kind = Kind::Json;

    fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn print(&self) -> String {
        self.to_string()
    }
}

impl SqlValue for Vec<u8> {}

/// Lists have commas between their items; a comma or backslash inside an item has a backslash before it.
impl<T: SqlValue> SqlValue for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    fn parse(text: &str) -> Option<Self> {
        split_list(text).iter().map(|item| T::parse(item)).collect()
    }

    fn print(&self) -> String {
        let items: Vec<String> = self
            .iter()
            .map(|item| item.print().replace('\\', r"\\").replace(',', r"\,"))
            .collect();
        items.join(",")
    }
}

/// The items of a list; an empty text is an empty list.
pub(crate) fn split_list(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut items = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == ',' {
            items.push(String::new());
            continue;
        }
        let literal = if character == '\\' {
            characters.next()
        } else {
            Some(character)
        };
        if let Some(item) = items.last_mut() {
            item.extend(literal);
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_from_their_text() {
        fn check<T: SqlValue + PartialEq>(value: T) {
            assert_eq!(T::parse(&value.print()), Some(value));
        }
        check(true);
        check(i16::MIN);
        check(i64::MAX);
        check(-0.1_f64);
        check(f64::INFINITY);
        check(f32::MIN_POSITIVE);
        check(Decimal::new(-12345, 4));
        check(String::from("a,b\\ü"));
        check(Uuid::nil());
        check(Timestamp::from_microsecond(1_234_567).unwrap());
        check(civil::date(2026, 1, 31));
        check(civil::time(23, 59, 59, 999_999_000));
        check(IpAddr::from([127, 0, 0, 1]));
        check(vec![String::from("a,b"), String::from("\\"), String::new()]);
        check(vec![1_i32, -2]);
        check(Vec::<i32>::new());
    }

    #[test]
    fn text_that_is_no_such_value_is_refused() {
        assert_eq!(i16::parse("32768"), None);
        assert_eq!(i32::parse("1; DROP TABLE notes"), None);
        assert_eq!(bool::parse("TRUE"), None);
        assert_eq!(String::parse("a\0"), None);
        assert_eq!(Timestamp::parse("2026-13-01"), None);
        assert_eq!(Vec::<i32>::parse("1,x"), None);
    }

    #[test]
    fn a_day_stands_for_its_midnight_in_utc() {
        let midnight: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(Timestamp::parse("2026-01-01"), Some(midnight));
    }
}
