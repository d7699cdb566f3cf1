//! Types of columns: what they are called in the database, and what a program may ask about their values.

mod arrays;
mod blank;
mod composite;
mod domain;
mod enums;
mod interval;
mod json;
mod range;
mod scalars;
mod tsvector;
#[cfg(feature = "vector")]
mod vector;

pub use blank::Blank;
pub use composite::{Attribute, Attributes, DbComposite};
pub use composite::{composite_from_sql, composite_to_json, composite_to_sql, declare_composite};
pub use domain::DbDomain;
pub use domain::declare_domain;
pub use enums::declare_enum;
pub use enums::{DbEnum, InvalidLabel};
pub use interval::Interval;
pub use json::Json;
pub use range::{Range, RangeElement};
pub use tsvector::{Lexeme, TsVector};
#[cfg(feature = "vector")]
pub use vector::{HalfVector, Vector};

use crate::{ColumnType, SqlValue};
use serde_json::Value as JsonValue;
use std::any::Any;
use std::borrow::Cow;
use underpin_pool::{FromSql, ToSql};
use underpin_schema::Schema;

/// A Rust type that stands for a type of the database. An `Option` of one is a column that may be NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a column",
    note = "derive `DbEnum`, `DbDomain` or `DbComposite` for it, or store it as `Json<{Self}>`"
)]
pub trait DbType: SqlValue + for<'a> FromSql<'a> {
    /// The type's name as PostgreSQL's `format_type` writes it: `timestamp with time zone`, `public.mood`.
    fn data_type() -> Cow<'static, str>;

    /// Adds the types to a schema that must be there before: the enum itself, for example.
    fn declare(_schema: &mut Schema) {}

    /// The value as JSON: ids, times and exact numbers as text.
    fn to_json(&self) -> JsonValue;

    /// The value as text, for rules about text.
    fn as_text(&self) -> Option<&str> {
        None
    }

    /// The value as a number, for rules about ranges. Integers beyond 2^53 are rounded.
    fn as_number(&self) -> Option<f64> {
        None
    }

    /// How many items it has, for rules about lengths; of text its characters.
    fn count(&self) -> Option<usize> {
        self.as_text().map(|text| text.chars().count())
    }

    /// Does it stand for a value that was never given, as the nil id does?
    fn is_missing(&self) -> bool {
        false
    }
}

/// Any value of a column, NULL included: what repositories bind, check, compare and print.
pub trait DbValue: ToSql + Any + Send + Sync {
    /// The value as JSON.
    fn to_json(&self) -> JsonValue;

    /// Does it stand for a value that was never given?
    fn is_missing(&self) -> bool;

    /// Is it NULL?
    fn is_null(&self) -> bool;

    /// As [`DbType::as_text`]; None for NULL.
    fn as_text(&self) -> Option<&str>;

    /// As [`DbType::as_number`]; None for NULL.
    fn as_number(&self) -> Option<f64>;

    /// As [`DbType::count`]; None for NULL.
    fn count(&self) -> Option<usize>;

    /// The value itself, without `Option`; None for NULL.
    fn as_any(&self) -> Option<&dyn Any>;
}

impl<T: ColumnType<Inner: DbType> + ToSql> DbValue for T {
    fn to_json(&self) -> JsonValue {
        self.value().map_or(JsonValue::Null, DbType::to_json)
    }

    fn is_missing(&self) -> bool {
        self.value().is_some_and(DbType::is_missing)
    }

    fn is_null(&self) -> bool {
        self.value().is_none()
    }

    fn as_text(&self) -> Option<&str> {
        DbType::as_text(self.value()?)
    }

    fn as_number(&self) -> Option<f64> {
        DbType::as_number(self.value()?)
    }

    fn count(&self) -> Option<usize> {
        DbType::count(self.value()?)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        self.value().map(|value| value as &dyn Any)
    }
}

/// What a schema must know of a type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypeFacts {
    pub(crate) data_type: fn() -> Cow<'static, str>,
    pub(crate) declare: fn(&mut Schema),
}

impl TypeFacts {
    pub(crate) const fn of<T: DbType>() -> Self {
        Self {
            data_type: T::data_type,
            declare: T::declare,
        }
    }
}

/// The name of a type that users made, as `format_type` writes it.
pub(crate) fn qualified(schema: Option<&str>, name: &str) -> underpin_schema::QualifiedName {
    underpin_schema::QualifiedName::new(schema.unwrap_or("public"), name)
}
