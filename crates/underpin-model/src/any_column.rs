//! A column whose Rust type is not known: what lists, cursors and query strings look up by name.

use crate::{Column, ColumnType, Kind, SharedValue, SqlValue};
use std::fmt;
use std::sync::Arc;

/// A column of a model, whatever its type: `&Note::TITLE` is a `&dyn AnyColumn<Note>`.
pub trait AnyColumn<M>: Send + Sync {
    /// The column's name in the database.
    fn name(&self) -> &'static str;

    /// What its values are.
    fn values(&self) -> ValueType;

    /// The value in a row, as text that [`SqlValue::parse`] reads; None when it is NULL.
    fn print(&self, row: &M) -> Option<String>;
}

impl<M, T: ColumnType> AnyColumn<M> for Column<M, T> {
    fn name(&self) -> &'static str {
        self.name()
    }

    fn values(&self) -> ValueType {
        ValueType::of::<T>()
    }

    fn print(&self, row: &M) -> Option<String> {
        self.get(row).value().map(SqlValue::print)
    }
}

impl<M> fmt::Debug for dyn AnyColumn<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the values of a column are, and how they are made of text.
#[derive(Debug, Clone, Copy)]
pub struct ValueType {
    /// What kind of value.
    pub kind: Kind,
    /// May it be NULL?
    pub nullable: bool,
    pub(crate) parse: fn(&str) -> Option<SharedValue>,
    /// Several values, as one array.
    pub(crate) parse_all: fn(&[String]) -> Option<SharedValue>,
}

impl ValueType {
    const fn of<T: ColumnType>() -> Self {
        Self {
            kind: T::Inner::KIND,
            nullable: T::NULLABLE,
            parse: |text| Some(Arc::new(T::Inner::parse(text)?)),
            parse_all: |texts| {
                let values: Option<Vec<T::Inner>> =
                    texts.iter().map(|text| T::Inner::parse(text)).collect();
                Some(Arc::new(values?))
            },
        }
    }
}
