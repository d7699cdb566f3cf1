//! Equal, smaller, one of, between, NULL.

use crate::filter::{Node, Test};
use crate::{Column, ColumnType, Filter, Ordered, SqlValue};
use std::sync::Arc;

impl<M, T: ColumnType> Column<M, T> {
    /// Equal to a value. For NULL see [`is_null`](Column::is_null).
    #[must_use]
    pub fn eq(self, value: impl Into<T::Inner>) -> Filter<M> {
        self.test("{c} = {v}", [Arc::new(value.into())])
    }

    /// Not equal to a value: NULL is not.
    #[must_use]
    pub fn ne(self, value: impl Into<T::Inner>) -> Filter<M> {
        let template = if T::NULLABLE {
            "{c} IS DISTINCT FROM {v}"
        } else {
            "{c} <> {v}"
        };
        self.test(template, [Arc::new(value.into())])
    }

    /// One of several values. They are one array, however many: 100,000 are fine.
    #[must_use]
    pub fn is_in(self, values: impl IntoIterator<Item = impl Into<T::Inner>>) -> Filter<M> {
        self.test("{c} = ANY({v})", [Arc::new(array::<T>(values))])
    }

    /// None of several values: NULL is none of them.
    #[must_use]
    pub fn not_in(self, values: impl IntoIterator<Item = impl Into<T::Inner>>) -> Filter<M> {
        let template = if T::NULLABLE {
            "({c} <> ALL({v}) OR {c} IS NULL)"
        } else {
            "{c} <> ALL({v})"
        };
        self.test(template, [Arc::new(array::<T>(values))])
    }
}

impl<M, T: ColumnType> Column<M, T> {
    /// Less than a value.
    #[must_use]
    pub fn lt(self, value: impl Into<T::Inner>) -> Filter<M>
    where
        T::Inner: Ordered,
    {
        self.test("{c} < {v}", [Arc::new(value.into())])
    }

    /// Less than or equal to a value.
    #[must_use]
    pub fn le(self, value: impl Into<T::Inner>) -> Filter<M>
    where
        T::Inner: Ordered,
    {
        self.test("{c} <= {v}", [Arc::new(value.into())])
    }

    /// Greater than a value.
    #[must_use]
    pub fn gt(self, value: impl Into<T::Inner>) -> Filter<M>
    where
        T::Inner: Ordered,
    {
        self.test("{c} > {v}", [Arc::new(value.into())])
    }

    /// Greater than or equal to a value.
    #[must_use]
    pub fn ge(self, value: impl Into<T::Inner>) -> Filter<M>
    where
        T::Inner: Ordered,
    {
        self.test("{c} >= {v}", [Arc::new(value.into())])
    }

    /// From a value to another, both included.
    #[must_use]
    pub fn between(self, low: impl Into<T::Inner>, high: impl Into<T::Inner>) -> Filter<M>
    where
        T::Inner: Ordered,
    {
        self.test(
            "{c} BETWEEN {v} AND {v}",
            [Arc::new(low.into()), Arc::new(high.into())],
        )
    }
}

impl<M> Column<M, bool> {
    /// True. Unlike `eq(true)` it is the same in every plan, so that an index `WHERE` this column serves it.
    #[must_use]
    pub fn is_true(self) -> Filter<M> {
        self.test("{c}", [])
    }

    /// False.
    #[must_use]
    pub fn is_false(self) -> Filter<M> {
        self.test("NOT {c}", [])
    }
}

impl<M, T: SqlValue> Column<M, Option<T>> {
    /// NULL. Only a column that may be NULL has this question.
    #[must_use]
    pub fn is_null(self) -> Filter<M> {
        Filter::new(Node::Test(Test::new(self.name(), "{c} IS NULL", [])))
    }

    /// Any value but NULL.
    #[must_use]
    pub fn is_not_null(self) -> Filter<M> {
        Filter::new(Node::Test(Test::new(self.name(), "{c} IS NOT NULL", [])))
    }
}

fn array<T: ColumnType>(values: impl IntoIterator<Item = impl Into<T::Inner>>) -> Vec<T::Inner> {
    values.into_iter().map(Into::into).collect()
}
