//! A row of a result.

use crate::{Error, Type};
use postgres_types::FromSql;
use std::fmt;
use underpin_core::ErrorKind;

/// One row. Values are read by position or by column name; reading never panics.
#[derive(Clone)]
pub struct Row(tokio_postgres::Row);

/// What a column can be found by: its position from 0, or its name.
pub trait ColumnIndex: Copy + fmt::Display + sealed::Sealed {
    #[doc(hidden)]
    fn position(&self, row: &Row) -> Option<usize>;
}

impl Row {
    pub(crate) fn new(row: tokio_postgres::Row) -> Self {
        Self(row)
    }

    /// The value of a column.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when there is no such column, when its type does not fit `T`, or when it is NULL and `T`
    /// is not an `Option`.
    pub fn get<'a, T: FromSql<'a>>(&'a self, column: impl ColumnIndex) -> Result<T, Error> {
        let position = self.position(column)?;
        self.0.try_get(position).map_err(|cause| {
            let name = self.0.columns()[position].name();
            Error::new(
                ErrorKind::Decode,
                format!("column {name} could not be read"),
            )
            .with_source(cause)
        })
    }

    pub(crate) fn column_type(&self, position: usize) -> &Type {
        self.0.columns()[position].type_()
    }

    pub(crate) fn position(&self, column: impl ColumnIndex) -> Result<usize, Error> {
        column.position(self).ok_or_else(|| {
            let known: Vec<&str> = self.columns().collect();
            Error::new(
                ErrorKind::Decode,
                format!("the result has no column {column}"),
            )
            .with_hint(format!("its columns are: {}", known.join(", ")))
        })
    }

    /// The names of the columns, in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.columns().iter().map(tokio_postgres::Column::name)
    }

    /// How many columns there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Has the row no columns?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.columns()).finish()
    }
}

impl ColumnIndex for usize {
    fn position(&self, row: &Row) -> Option<usize> {
        (*self < row.len()).then_some(*self)
    }
}

impl ColumnIndex for &str {
    fn position(&self, row: &Row) -> Option<usize> {
        row.columns().position(|name| name == *self)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for usize {}
    impl Sealed for &str {}
}
