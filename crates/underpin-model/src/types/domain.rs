//! Domains: types with conditions.

use super::DbType;
use underpin_schema::{Domain, Schema, object_name};

/// A struct around one value that is a domain of PostgreSQL. Use `#[derive(DbDomain)]`.
///
/// # Example
/// ```
/// use underpin_model::{DbDomain, DbType};
///
/// #[derive(Debug, Clone, PartialEq, DbDomain)]
/// #[db_domain(check = "VALUE > 0")]
/// struct Amount(i64);
///
/// assert_eq!(Amount::data_type(), "public.amount");
/// ```
pub trait DbDomain: Sized + 'static {
    /// The type beneath.
    type Inner: DbType;
    /// The domain's name in the database: the struct's in snake case, unless it is given.
    const NAME: &'static str;
    /// Its schema; None is `public`.
    const SCHEMA: Option<&'static str>;
    /// What values have to satisfy, over `VALUE`.
    const CHECK: Option<&'static str>;

    /// The value beneath.
    fn inner(&self) -> &Self::Inner;

    /// A value of the domain.
    fn from_inner(inner: Self::Inner) -> Self;
}

/// Adds the domain, and the type beneath before it.
pub fn declare_domain<D: DbDomain>(schema: &mut Schema) {
    D::Inner::declare(schema);
    let domain = Domain::new(super::qualified(D::SCHEMA, D::NAME), D::Inner::data_type());
    schema.domains.insert(match D::CHECK {
        Some(check) => domain.check(object_name(D::NAME, "", "check"), check),
        None => domain,
    });
}

/// The traits of postgres-types for a domain; the derive calls it. The server reports values of a domain as values of
/// the type beneath, and takes them so. Conditions that no type can change are errors, unless there is a lifetime in them:
/// hence `for<'beneath>`, since there are also domains over lists and composite types.
#[doc(hidden)]
#[macro_export]
macro_rules! __domain_values {
    ($type:ty) => {
        #[automatically_derived]
        impl<'a> $crate::derive::FromSql<'a> for $type {
            fn from_sql(
                r#type: &$crate::derive::Type,
                raw: &'a [u8],
            ) -> ::core::result::Result<Self, $crate::derive::BoxError> {
                let beneath = $crate::derive::beneath::<Self>(r#type);
                $crate::derive::from_sql_exact(beneath, raw).map($crate::DbDomain::from_inner)
            }

            fn accepts(r#type: &$crate::derive::Type) -> bool {
                let beneath = $crate::derive::beneath::<Self>(r#type);
                <<Self as $crate::DbDomain>::Inner as $crate::derive::FromSql<'_>>::accepts(beneath)
            }
        }

        #[automatically_derived]
        impl $crate::derive::ToSql for $type {
            fn to_sql(
                &self,
                r#type: &$crate::derive::Type,
                out: &mut $crate::derive::BytesMut,
            ) -> ::core::result::Result<$crate::derive::IsNull, $crate::derive::BoxError> {
                let beneath = $crate::derive::beneath::<Self>(r#type);
                $crate::derive::ToSql::to_sql($crate::DbDomain::inner(self), beneath, out)
            }

            fn accepts(r#type: &$crate::derive::Type) -> bool {
                let beneath = $crate::derive::beneath::<Self>(r#type);
                <<Self as $crate::DbDomain>::Inner as $crate::derive::ToSql>::accepts(beneath)
            }

            $crate::derive::to_sql_checked!();
        }

        #[automatically_derived]
        impl $crate::derive::NamedType for $type {
            const NAME: &'static str = <Self as $crate::DbDomain>::NAME;
        }

        #[automatically_derived]
        impl $crate::SqlValue for $type {
            const KIND: $crate::Kind =
                <<Self as $crate::DbDomain>::Inner as $crate::SqlValue>::KIND;

            fn parse(text: &str) -> ::core::option::Option<Self> {
                $crate::SqlValue::parse(text).map($crate::DbDomain::from_inner)
            }

            fn print(&self) -> ::std::string::String {
                $crate::SqlValue::print($crate::DbDomain::inner(self))
            }
        }

        #[automatically_derived]
        impl $crate::Ordered for $type where
            for<'beneath> <Self as $crate::DbDomain>::Inner: $crate::Ordered
        {
        }

        #[automatically_derived]
        impl $crate::DbType for $type {
            fn data_type() -> ::std::borrow::Cow<'static, str> {
                $crate::derive::type_name(
                    <Self as $crate::DbDomain>::SCHEMA,
                    <Self as $crate::DbDomain>::NAME,
                )
            }

            fn declare(schema: &mut $crate::derive::Schema) {
                $crate::derive::declare_domain::<Self>(schema);
            }

            fn to_json(&self) -> $crate::derive::JsonValue {
                $crate::DbType::to_json($crate::DbDomain::inner(self))
            }

            fn as_text(&self) -> ::core::option::Option<&str> {
                $crate::DbType::as_text($crate::DbDomain::inner(self))
            }

            fn as_number(&self) -> ::core::option::Option<f64> {
                $crate::DbType::as_number($crate::DbDomain::inner(self))
            }

            fn count(&self) -> ::core::option::Option<usize> {
                $crate::DbType::count($crate::DbDomain::inner(self))
            }
        }

        #[automatically_derived]
        impl $crate::Blank for $type
        where
            for<'beneath> <Self as $crate::DbDomain>::Inner: $crate::Blank,
        {
            fn blank() -> Self {
                $crate::DbDomain::from_inner($crate::Blank::blank())
            }
        }
    };
}
