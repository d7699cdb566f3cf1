//! Composite types.

use super::{DbType, DbValue, TypeFacts};
use crate::ColumnType;
use crate::derive::BoxError;
use bytes::{Buf, BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, Kind, Type};
use underpin_pool::from_sql_exact;
use underpin_schema::{Composite, Schema};

/// A struct that is a composite type of PostgreSQL. Use `#[derive(DbComposite)]`.
pub trait DbComposite: Sized + 'static {
    /// The type's name in the database: the struct's in snake case, unless it is given.
    const NAME: &'static str;
    /// Its schema; None is `public`.
    const SCHEMA: Option<&'static str>;
    /// Its attributes, in their order.
    const ATTRIBUTES: &'static [Attribute];

    /// The values of all attributes, in their order.
    fn values(&self) -> Vec<&dyn DbValue>;

    /// Reads all attributes, in their order.
    ///
    /// # Errors
    /// When a value does not fit.
    fn from_values(values: &mut Attributes<'_>) -> Result<Self, BoxError>;
}

/// A part of a composite type.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    name: &'static str,
    facts: TypeFacts,
}

impl Attribute {
    /// An attribute called `name`, of the type that `T` has in the database.
    #[must_use]
    pub const fn of<T: ColumnType<Inner: DbType>>(name: &'static str) -> Self {
        Self {
            name,
            facts: TypeFacts::of::<T::Inner>(),
        }
    }
}

/// The attributes of one value that is being read.
#[derive(Debug)]
pub struct Attributes<'a> {
    raw: &'a [u8],
    types: std::slice::Iter<'a, postgres_types::Field>,
}

impl<'a> Attributes<'a> {
    /// The next one.
    ///
    /// # Errors
    /// When it does not fit, or there is none.
    pub fn take<T: FromSql<'a>>(&mut self) -> Result<T, BoxError> {
        let field = self
            .types
            .next()
            .ok_or("the composite type has fewer attributes")?;
        if self.raw.remaining() < 8 {
            return Err("a composite value ends too early".into());
        }
        let _type = self.raw.get_u32();
        let length = self.raw.get_i32();
        if !T::accepts(field.type_()) {
            return Err(format!("attribute {} is of type {}", field.name(), field.type_()).into());
        }
        let Ok(length) = usize::try_from(length) else {
            return T::from_sql_null(field.type_());
        };
        let (value, rest) = self
            .raw
            .split_at_checked(length)
            .ok_or("a composite value ends too early")?;
        self.raw = rest;
        from_sql_exact(field.type_(), value)
    }
}

/// The attributes of a composite type that the server has told.
fn attributes(r#type: &Type) -> Result<&[postgres_types::Field], BoxError> {
    match r#type.kind() {
        Kind::Composite(fields) => Ok(fields),
        Kind::Domain(inner) => attributes(inner),
        _ => Err(format!("{type} is not a composite type").into()),
    }
}

/// Reads a composite value.
///
/// # Errors
/// When an attribute does not fit.
pub fn composite_from_sql<C: DbComposite>(r#type: &Type, mut raw: &[u8]) -> Result<C, BoxError> {
    let fields = attributes(r#type)?;
    if raw.remaining() < 4 || usize::try_from(raw.get_i32())? != C::ATTRIBUTES.len() {
        return Err(format!("{type} does not have {} attributes", C::ATTRIBUTES.len()).into());
    }
    C::from_values(&mut Attributes {
        raw,
        types: fields.iter(),
    })
}

/// Writes a composite value.
///
/// # Errors
/// When the database's type has other attributes.
pub fn composite_to_sql(
    value: &impl DbComposite,
    r#type: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, BoxError> {
    let (fields, values) = (attributes(r#type)?, value.values());
    if fields.len() != values.len() {
        return Err(format!("{type} does not have {} attributes", values.len()).into());
    }
    out.put_i32(i32::try_from(values.len())?);
    for (field, value) in fields.iter().zip(values) {
        out.put_u32(field.type_().oid());
        let at = out.len();
        out.put_i32(-1);
        if let IsNull::No = value.to_sql_checked(field.type_(), out)? {
            let length = i32::try_from(out.len() - at - 4)?;
            out[at..at + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(IsNull::No)
}

/// Adds the type, and the types of its attributes before it.
pub fn declare_composite<C: DbComposite>(schema: &mut Schema) {
    let name = super::qualified(C::SCHEMA, C::NAME);
    let mut composite = Composite::new(name);
    for attribute in C::ATTRIBUTES {
        (attribute.facts.declare)(schema);
        composite = composite.attribute(attribute.name, (attribute.facts.data_type)());
    }
    schema.composites.insert(composite);
}

/// The traits of postgres-types for a composite type; the derive calls it.
#[doc(hidden)]
#[macro_export]
macro_rules! __composite_values {
    ($type:ty) => {
        #[automatically_derived]
        impl<'a> $crate::derive::FromSql<'a> for $type {
            fn from_sql(
                r#type: &$crate::derive::Type,
                raw: &'a [u8],
            ) -> ::core::result::Result<Self, $crate::derive::BoxError> {
                $crate::derive::composite_from_sql(r#type, raw)
            }

            fn accepts(r#type: &$crate::derive::Type) -> bool {
                $crate::derive::is_type::<Self>(r#type)
            }
        }

        #[automatically_derived]
        impl $crate::derive::ToSql for $type {
            fn to_sql(
                &self,
                r#type: &$crate::derive::Type,
                out: &mut $crate::derive::BytesMut,
            ) -> ::core::result::Result<$crate::derive::IsNull, $crate::derive::BoxError> {
                $crate::derive::composite_to_sql(self, r#type, out)
            }

            fn accepts(r#type: &$crate::derive::Type) -> bool {
                $crate::derive::is_type::<Self>(r#type)
            }

            $crate::derive::to_sql_checked!();
        }

        #[automatically_derived]
        impl $crate::derive::NamedType for $type {
            const NAME: &'static str = <Self as $crate::DbComposite>::NAME;
        }

        #[automatically_derived]
        impl $crate::SqlValue for $type {}

        #[automatically_derived]
        impl $crate::DbType for $type {
            fn data_type() -> ::std::borrow::Cow<'static, str> {
                $crate::derive::type_name(
                    <Self as $crate::DbComposite>::SCHEMA,
                    <Self as $crate::DbComposite>::NAME,
                )
            }

            fn declare(schema: &mut $crate::derive::Schema) {
                $crate::derive::declare_composite::<Self>(schema);
            }

            fn to_json(&self) -> $crate::derive::JsonValue {
                $crate::derive::composite_to_json(self)
            }
        }
    };
}

/// An object of all attributes.
pub fn composite_to_json<C: DbComposite>(value: &C) -> serde_json::Value {
    let values = value.values().into_iter().map(DbValue::to_json);
    C::ATTRIBUTES
        .iter()
        .map(|attribute| String::from(attribute.name))
        .zip(values)
        .collect::<serde_json::Map<_, _>>()
        .into()
}
