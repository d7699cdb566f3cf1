//! What the code written by the derive macros calls. Not for other use; it may change in any release.

pub use crate::__composite_values as composite_values;
pub use crate::__domain_values as domain_values;
pub use crate::__enum_values as enum_values;
pub use crate::__register as register;
pub use crate::__to_sql_checked as to_sql_checked;
pub use crate::types::{
    composite_from_sql, composite_to_json, composite_to_sql, declare_composite, declare_domain,
    declare_enum,
};
pub use bytes::BytesMut;
pub use inventory;
pub use jiff::Timestamp;
pub use postgres_types::{FromSql, IsNull, ToSql, Type};
pub use serde;
pub use serde_json::Value as JsonValue;
pub use underpin_pool::Error as PoolError;
pub use underpin_pool::from_sql_exact;
pub use underpin_schema::Schema;

use crate::types::{InvalidLabel, qualified};
use crate::{DbEnum, DbValue};
use bytes::BufMut;
use postgres_types::{Kind, WrongType};
use std::any::Any;
use std::borrow::{Borrow, Cow};
use std::fmt::Display;

/// What reading and writing values fails with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How many items all lists have together.
#[must_use]
pub const fn total<T>(lists: &[&[T]]) -> usize {
    let (mut list, mut total) = (0, 0);
    while list < lists.len() {
        total += lists[list].len();
        list += 1;
    }
    total
}

/// A value that was given, of an `Option` that stands for "given or not".
pub fn given<T: DbValue>(value: &Option<T>) -> Option<&dyn DbValue> {
    value.as_ref().map(|value| value as &dyn DbValue)
}

/// What a user's own check finds wrong with a value of the type that it is for: `fn(&str)` serves for a `String`.
pub fn custom<T: Borrow<B> + 'static, B: ?Sized, E: Display>(
    value: &dyn Any,
    check: fn(&B) -> Result<(), E>,
) -> Option<String> {
    let fault = check(value.downcast_ref::<T>()?.borrow()).err()?;
    Some(fault.to_string())
}

/// As `postgres_types::to_sql_checked!`, which does not compile beside a user's type called `Box`.
#[doc(hidden)]
#[macro_export]
macro_rules! __to_sql_checked {
    () => {
        fn to_sql_checked(
            &self,
            r#type: &$crate::derive::Type,
            out: &mut $crate::derive::BytesMut,
        ) -> ::core::result::Result<$crate::derive::IsNull, $crate::derive::BoxError> {
            $crate::derive::write_checked(self, r#type, out)
        }
    };
}

/// Writes a value, when it is one of that type.
///
/// # Errors
/// When it is not, or cannot be written.
pub fn write_checked<T: ToSql>(
    value: &T,
    r#type: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, BoxError> {
    if !T::accepts(r#type) {
        return Err(WrongType::new::<T>(r#type.clone()).into());
    }
    value.to_sql(r#type, out)
}

/// A type that has a name in the database.
pub trait NamedType {
    /// The name.
    const NAME: &'static str;
}

/// Is it the type, or a domain over it?
#[must_use]
pub fn is_type<T: NamedType>(found: &Type) -> bool {
    match found.kind() {
        Kind::Domain(inner) => found.name() == T::NAME || is_type::<T>(inner),
        _ => found.name() == T::NAME,
    }
}

/// The type beneath a domain, when it is that domain which the server has told.
#[must_use]
pub fn beneath<T: NamedType>(found: &Type) -> &Type {
    match found.kind() {
        Kind::Domain(inner) if found.name() == T::NAME => inner,
        _ => found,
    }
}

/// The name of a type as `format_type` writes it.
#[must_use]
pub fn type_name(schema: Option<&str>, name: &str) -> Cow<'static, str> {
    Cow::Owned(qualified(schema, name).to_string())
}

/// Reads a label.
///
/// # Errors
/// [`InvalidLabel`].
pub fn enum_from_sql<E: DbEnum>(raw: &[u8]) -> Result<E, BoxError> {
    let label = std::str::from_utf8(raw)?;
    E::from_label(label).ok_or_else(|| {
        let label = String::from(label);
        InvalidLabel {
            name: E::NAME,
            label,
        }
        .into()
    })
}

/// Writes a label.
pub fn enum_to_sql(value: &impl DbEnum, out: &mut BytesMut) -> IsNull {
    out.put_slice(value.label().as_bytes());
    IsNull::No
}
