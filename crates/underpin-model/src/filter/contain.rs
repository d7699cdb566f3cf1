//! Containment and overlap: lists, JSON, ranges.

use crate::{Column, ColumnType, Filter, Json, SharedValue, SqlValue};
use std::sync::Arc;

/// A value that may contain others of type `Part`.
#[diagnostic::on_unimplemented(message = "a column of `{Self}` cannot contain `{Part}`")]
pub trait Contain<Part>: SqlValue {
    /// What is bound for them.
    fn part(part: Part) -> SharedValue;
}

/// A value that may share something with another of type `Other`.
#[diagnostic::on_unimplemented(message = "a column of `{Self}` cannot overlap `{Other}`")]
pub trait Overlap<Other>: Contain<Other> {}

impl<T, I> Contain<I> for Vec<T>
where
    T: SqlValue,
    Self: SqlValue,
    I: IntoIterator<Item: Into<T>>,
{
    fn part(items: I) -> SharedValue {
        let items: Self = items.into_iter().map(Into::into).collect();
        Arc::new(items)
    }
}

impl<T, I> Overlap<I> for Vec<T>
where
    T: SqlValue,
    Self: SqlValue,
    I: IntoIterator<Item: Into<T>>,
{
}

impl<J: Into<Self>> Contain<J> for serde_json::Value {
    fn part(json: J) -> SharedValue {
        Arc::new(json.into())
    }
}

impl<T, J: Into<serde_json::Value>> Contain<J> for Json<T>
where
    Self: SqlValue,
{
    fn part(json: J) -> SharedValue {
        Arc::new(json.into())
    }
}

impl<M, T: ColumnType> Column<M, T> {
    /// Contains all of these: the items of a list, a part of a JSON document, a range. A GIN index serves this.
    #[must_use]
    pub fn contains<P>(self, part: P) -> Filter<M>
    where
        T::Inner: Contain<P>,
    {
        self.test("{c} @> {v}", [T::Inner::part(part)])
    }

    /// Has nothing that these do not contain.
    #[must_use]
    pub fn contained_by<P>(self, whole: P) -> Filter<M>
    where
        T::Inner: Contain<P>,
    {
        self.test("{c} <@ {v}", [T::Inner::part(whole)])
    }

    /// Has at least one item, or point, in common with these.
    #[must_use]
    pub fn overlaps<P>(self, other: P) -> Filter<M>
    where
        T::Inner: Overlap<P>,
    {
        self.test("{c} && {v}", [T::Inner::part(other)])
    }
}

impl<M, T: SqlValue, C: ColumnType<Inner = Vec<T>>> Column<M, C> {
    /// A list without items.
    #[must_use]
    pub fn is_empty(self) -> Filter<M> {
        self.test("cardinality({c}) = 0", [])
    }
}
