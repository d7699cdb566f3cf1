//! Types that PostgreSQL and Rust both have.

use super::DbType;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as JsonValue;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::IpAddr;
use underpin_core::Id;
use uuid::Uuid;

/// `type => "name in SQL", how it becomes JSON, methods…`
macro_rules! scalars {
    ($($type:ty => $name:literal, |$value:ident| $json:expr $(, $method:item)*;)+) => {$(
        impl DbType for $type {
            fn data_type() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }

            fn to_json(&self) -> JsonValue {
                let $value = self;
                JsonValue::from($json)
            }

            $($method)*
        }
    )+};
}

scalars! {
    bool => "boolean", |value| *value;
    i16 => "smallint", |value| *value, fn as_number(&self) -> Option<f64> { Some((*self).into()) };
    i32 => "integer", |value| *value, fn as_number(&self) -> Option<f64> { Some((*self).into()) };
    i64 => "bigint", |value| *value, fn as_number(&self) -> Option<f64> { self.to_f64() };
    f32 => "real", |value| float(f64::from(*value)), fn as_number(&self) -> Option<f64> { Some((*self).into()) };
    f64 => "double precision", |value| float(*value), fn as_number(&self) -> Option<f64> { Some(*self) };
    Decimal => "numeric", |value| value.to_string(), fn as_number(&self) -> Option<f64> { self.to_f64() };
    String => "text", |value| value.as_str(), fn as_text(&self) -> Option<&str> { Some(self) };
    Uuid => "uuid", |value| value.to_string(), fn is_missing(&self) -> bool { self.is_nil() };
    Timestamp => "timestamp with time zone", |value| value.to_string();
    DateTime => "timestamp without time zone", |value| value.to_string();
    Date => "date", |value| value.to_string();
    Time => "time without time zone", |value| value.to_string();
    IpAddr => "inet", |value| value.to_string();
    Vec<u8> => "bytea", |value| hex(value), fn count(&self) -> Option<usize> { Some(self.len()) };
}

impl<T: 'static> DbType for Id<T> {
    fn data_type() -> Cow<'static, str> {
        Uuid::data_type()
    }

    fn to_json(&self) -> JsonValue {
        JsonValue::from(self.to_string())
    }

    fn is_missing(&self) -> bool {
        self.uuid().is_nil()
    }
}

/// JSON has neither NaN nor infinity: those become text.
fn float(value: f64) -> JsonValue {
    serde_json::Number::from_f64(value)
        .map_or_else(|| JsonValue::from(value.to_string()), JsonValue::Number)
}

/// Bytes as PostgreSQL prints them.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("\\x"), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_json_that_says_the_same() {
        fn check(value: &impl DbType, expected: impl Into<JsonValue>) {
            assert_eq!(value.to_json(), expected.into());
        }
        check(&true, true);
        check(&7_i64, 7);
        check(&0.5_f32, 0.5);
        check(&f64::NAN, "NaN");
        check(&Decimal::new(1250, 2), "12.50");
        check(&vec![0xde_u8, 0x0a], "\\xde0a");
        check(&Timestamp::UNIX_EPOCH, "1970-01-01T00:00:00Z");
    }
}
