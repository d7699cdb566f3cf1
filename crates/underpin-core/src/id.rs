//! Typed ids: an `Id<User>` cannot be passed where an `Id<Note>` is wanted.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use uuid::Uuid;

/// The primary key of a `T`: a UUID that remembers what it identifies.
///
/// New ids are version 7: they sort by the time they were made, so index inserts stay local. They therefore reveal
/// when a row was created; use [`Id::random`] where that matters.
pub struct Id<T: ?Sized>(Uuid, PhantomData<fn() -> T>);

impl<T: ?Sized> Id<T> {
    /// A new id, version 7, ordered by time.
    #[must_use]
    pub fn now() -> Self {
        Self::from_uuid(Uuid::now_v7())
    }

    /// A new random id, version 4, that reveals nothing.
    #[must_use]
    pub fn random() -> Self {
        Self::from_uuid(Uuid::new_v4())
    }

    /// Gives a UUID its type.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<T: ?Sized> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized> Copy for Id<T> {}
impl<T: ?Sized> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T: ?Sized> Eq for Id<T> {}
impl<T: ?Sized> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T: ?Sized> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T: ?Sized> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T: ?Sized> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T: ?Sized> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T: ?Sized> FromStr for Id<T> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::from_uuid)
    }
}
impl<T: ?Sized> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, T: ?Sized> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from_uuid)
    }
}

#[cfg(feature = "postgres-types")]
mod value {
    use super::{Id, Uuid, fmt};
    use bytes::BytesMut;
    use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
    use std::error::Error;

    impl<'a, T: ?Sized> FromSql<'a> for Id<T> {
        fn from_sql(r#type: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
            Uuid::from_sql(r#type, raw).map(Self::from_uuid)
        }

        fn accepts(r#type: &Type) -> bool {
            <Uuid as FromSql>::accepts(r#type)
        }
    }

    impl<T: ?Sized> ToSql for Id<T>
    where
        Self: fmt::Debug,
    {
        fn to_sql(
            &self,
            r#type: &Type,
            out: &mut BytesMut,
        ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
            self.0.to_sql(r#type, out)
        }

        fn accepts(r#type: &Type) -> bool {
            <Uuid as ToSql>::accepts(r#type)
        }

        to_sql_checked!();
    }
}
