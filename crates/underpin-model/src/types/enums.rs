//! Native enums.

use std::fmt;
use underpin_schema::{EnumType, Schema};

/// An enum whose variants are the labels of a native enum of PostgreSQL. Use `#[derive(DbEnum)]`.
///
/// # Example
/// ```
/// use underpin_model::DbEnum;
///
/// #[derive(Debug, Clone, Copy, PartialEq, Default, DbEnum)]
/// enum BuildState {
///     #[default]
///     Waiting,
///     #[db_enum(label = "in progress")]
///     InProgress,
/// }
///
/// assert_eq!(BuildState::NAME, "build_state");
/// assert_eq!(BuildState::LABELS, ["waiting", "in progress"]);
/// assert_eq!(BuildState::from_label("in progress"), Some(BuildState::InProgress));
/// assert_eq!(BuildState::from_label("gone"), None);
/// ```
pub trait DbEnum: Sized + 'static {
    /// The type's name in the database: the enum's in snake case, unless it is given.
    const NAME: &'static str;
    /// Its schema; None is `public`.
    const SCHEMA: Option<&'static str>;
    /// All labels, in their order.
    const LABELS: &'static [&'static str];

    /// The label of this variant.
    fn label(&self) -> &'static str;

    /// The variant of a label.
    fn from_label(label: &str) -> Option<Self>;
}

/// The database holds a label that the enum does not know, or was sent one that it does not know itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidLabel {
    /// The enum's name in the database.
    pub name: &'static str,
    /// The label.
    pub label: String,
}

impl fmt::Display for InvalidLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "enum {} has no label \"{}\"", self.name, self.label)
    }
}

impl std::error::Error for InvalidLabel {}

/// Adds the enum.
pub fn declare_enum<E: DbEnum>(schema: &mut Schema) {
    let name = super::qualified(E::SCHEMA, E::NAME);
    schema
        .enums
        .insert(EnumType::new(name, E::LABELS.iter().copied()));
}

/// The traits of postgres-types for an enum; the derive calls it, since nobody can implement them for all enums at once.
#[doc(hidden)]
#[macro_export]
macro_rules! __enum_values {
    ($type:ty) => {
        #[automatically_derived]
        impl<'a> $crate::derive::FromSql<'a> for $type {
            fn from_sql(
                _type: &$crate::derive::Type,
                raw: &'a [u8],
            ) -> ::core::result::Result<Self, $crate::derive::BoxError> {
                $crate::derive::enum_from_sql(raw)
            }

            fn accepts(r#type: &$crate::derive::Type) -> bool {
                $crate::derive::is_type::<Self>(r#type)
            }
        }

        #[automatically_derived]
        impl $crate::derive::ToSql for $type {
            fn to_sql(
                &self,
                _type: &$crate::derive::Type,
                out: &mut $crate::derive::BytesMut,
            ) -> ::core::result::Result<$crate::derive::IsNull, $crate::derive::BoxError> {
                ::core::result::Result::Ok($crate::derive::enum_to_sql(self, out))
            }

            fn accepts(r#type: &$crate::derive::Type) -> bool {
                $crate::derive::is_type::<Self>(r#type)
            }

            $crate::derive::to_sql_checked!();
        }

        #[automatically_derived]
        impl $crate::derive::NamedType for $type {
            const NAME: &'static str = <Self as $crate::DbEnum>::NAME;
        }

        #[automatically_derived]
        impl $crate::SqlValue for $type {
            const KIND: $crate::Kind = $crate::Kind::Label(<Self as $crate::DbEnum>::LABELS);

            fn parse(text: &str) -> ::core::option::Option<Self> {
                <Self as $crate::DbEnum>::from_label(text)
            }

            fn print(&self) -> ::std::string::String {
                ::std::string::String::from($crate::DbEnum::label(self))
            }
        }

        #[automatically_derived]
        impl $crate::Ordered for $type {}

        #[automatically_derived]
        impl $crate::DbType for $type {
            fn data_type() -> ::std::borrow::Cow<'static, str> {
                $crate::derive::type_name(
                    <Self as $crate::DbEnum>::SCHEMA,
                    <Self as $crate::DbEnum>::NAME,
                )
            }

            fn declare(schema: &mut $crate::derive::Schema) {
                $crate::derive::declare_enum::<Self>(schema);
            }

            fn to_json(&self) -> $crate::derive::JsonValue {
                $crate::derive::JsonValue::from($crate::DbEnum::label(self))
            }
        }
    };
}
