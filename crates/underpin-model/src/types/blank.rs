//! What a field of `NewX` holds that nobody has set.

use super::{Interval, Json, Range, TsVector};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use rust_decimal::Decimal;
use std::net::{IpAddr, Ipv4Addr};
use underpin_core::Id;
use uuid::Uuid;

/// The value of a required field that `NewX::default()` leaves open: empty, zero, the nil id.
///
/// A nil id or UUID is refused when the row is written ("is required"); for the other types use a rule, such as
/// `length(min = 1)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no value that stands for nothing, which `Default` of the new row needs",
    label = "give this column a default: `#[model(default = \"…\")]`",
    note = "or mark a variant of the enum `#[default]`, or implement `Blank` for the type"
)]
pub trait Blank {
    /// The value.
    fn blank() -> Self;
}

macro_rules! blanks {
    ($($value:expr => $($type:ty),+;)+) => {$($(
        impl Blank for $type {
            fn blank() -> Self {
                $value
            }
        }
    )+)+};
}

blanks! {
    Self::default() => bool, i16, i32, i64, f32, f64, Decimal, String, Uuid, Timestamp, Date, DateTime, Time, Interval,
        serde_json::Value, TsVector;
    IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr;
}

impl<T> Blank for Id<T> {
    fn blank() -> Self {
        Self::from_uuid(Uuid::nil())
    }
}

impl<T> Blank for Option<T> {
    fn blank() -> Self {
        None
    }
}

impl<T> Blank for Vec<T> {
    fn blank() -> Self {
        Self::new()
    }
}

impl<T: Default> Blank for Json<T> {
    fn blank() -> Self {
        Self(T::default())
    }
}

impl<T> Blank for Range<T> {
    fn blank() -> Self {
        Self::Empty
    }
}
