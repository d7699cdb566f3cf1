//! What kind of value a column holds, for requests that come from outside: what may be asked, and in which words.

use std::fmt;

/// The kind of a [`SqlValue`](crate::SqlValue).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// True or false.
    Boolean,
    /// A whole number.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// A number with a fraction.
    Number,
    /// Text.
    Text,
    /// A UUID.
    Uuid,
    /// A point in time.
    Timestamp,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// An IP address.
    Address,
    /// One of the labels of an enum.
    Label(&'static [&'static str]),
    /// A list of values of a kind.
    List(&'static Kind),
    /// JSON.
    Json,
    /// Nothing that text from outside could stand for: bytes, composites, vectors.
    Opaque,
}

impl Kind {
    /// Can values be sorted and compared by size?
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        !matches!(self, Self::List(_) | Self::Json | Self::Opaque)
    }
}

/// What a value is expected to be: "a whole number from 1 to 5".
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("true or false"),
            Self::Integer { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Number => f.write_str("a number"),
            Self::Text => f.write_str("text without NUL characters"),
            Self::Uuid => f.write_str("a UUID"),
            Self::Timestamp => {
                f.write_str("a date, or a time with an offset such as 2026-01-01T00:00:00Z")
            }
            Self::Date => f.write_str("a date such as 2026-01-01"),
            Self::Time => f.write_str("a time of day such as 12:30:00"),
            Self::Address => f.write_str("an IP address"),
            Self::Label(labels) => write!(f, "one of {}", labels.join(", ")),
            Self::List(each) => write!(f, "a list, separated by commas, each of it {each}"),
            Self::Json => f.write_str("JSON"),
            Self::Opaque => f.write_str("nothing that can be written here"),
        }
    }
}
