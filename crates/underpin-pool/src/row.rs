//! A row of a result.

use crate::exact::from_sql_exact;
use crate::wire::{Column, Columns};
use crate::{Error, rust_type};
use bytes::Bytes;
use postgres_types::{FromSql, WasNull};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use underpin_core::ErrorKind;

/// One row. Values are read by position or by column name; reading never panics.
///
/// Rows of one result share its memory: keep what you read rather than the row.
pub struct Row {
    columns: Arc<Columns>,
    /// The values: each its length, -1 for NULL, and its bytes.
    values: Bytes,
    /// Where the value after the one that was read last lies: its position and its offset. Rows are mostly read from
    /// left to right.
    next: AtomicU64,
}

/// What a column can be found by: its position from 0, or its name.
pub trait ColumnIndex: Copy + fmt::Display + sealed::Sealed {
    #[doc(hidden)]
    fn position(&self, row: &Row) -> Option<usize>;
}

/// Equal are rows of the same columns with the same values.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values && self.columns.list() == other.columns.list()
    }
}

impl Row {
    /// From the body of a DataRow message.
    pub(crate) fn new(columns: Arc<Columns>, mut body: Bytes) -> Self {
        // The count of values repeats what the columns say.
        let values = body.split_off(body.len().min(2));
        Self {
            columns,
            values,
            next: AtomicU64::new(0),
        }
    }

    /// The value of a column.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when there is no such column, when its type does not fit `T`, or when it is NULL and `T`
    /// is not an `Option`.
    pub fn get<'a, T: FromSql<'a>>(&'a self, column: impl ColumnIndex) -> Result<T, Error> {
        let position = self.position(column)?;
        let column = &self.columns.list()[position];
        if !T::accepts(&column.r#type) {
            return Err(column.misfit(std::any::type_name::<T>()));
        }
        column.read(self.value(position))
    }

    fn value(&self, position: usize) -> Option<&[u8]> {
        let (known, offset) = unpack(self.next.load(Ordering::Relaxed));
        let mut at = if known <= position {
            RawValues(self.values.get(offset..)?).advanced(position - known)
        } else {
            RawValues(&self.values).advanced(position)
        };
        let value = at.next()?;
        let read = self.values.len() - at.0.len();
        self.next.store(pack(position + 1, read), Ordering::Relaxed);
        value
    }

    pub(crate) fn position(&self, column: impl ColumnIndex) -> Result<usize, Error> {
        column
            .position(self)
            .ok_or_else(|| self.columns.missing(&column))
    }

    /// The names of the columns, in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.list().iter().map(|column| &*column.name)
    }

    /// How many columns there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.list().len()
    }

    /// Has the row no columns?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Clone for Row {
    fn clone(&self) -> Self {
        Self {
            columns: self.columns.clone(),
            values: self.values.clone(),
            next: AtomicU64::new(0),
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.columns()).finish()
    }
}

/// A message of the server is at most 1 GB long and has at most 1,664 columns: both fit.
fn pack(position: usize, offset: usize) -> u64 {
    ((position as u64) << 32) | offset as u64
}

fn unpack(next: u64) -> (usize, usize) {
    let offset = usize::try_from(next & u64::from(u32::MAX)).unwrap_or_default();
    (usize::try_from(next >> 32).unwrap_or_default(), offset)
}

/// The values of a row, one after another; None inside stands for NULL.
#[derive(Debug, Clone)]
pub(crate) struct RawValues<'a>(pub(crate) &'a [u8]);

impl RawValues<'_> {
    fn advanced(mut self, count: usize) -> Self {
        for _ in 0..count {
            if self.next().is_none() {
                break;
            }
        }
        self
    }
}

impl<'a> Iterator for RawValues<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Option<&'a [u8]>> {
        let (length, rest) = self.0.split_first_chunk()?;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            self.0 = rest;
            return Some(None);
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Some(value))
    }
}

impl Column {
    /// The value as `T`, whose type was checked.
    pub(crate) fn read<'a, T: FromSql<'a>>(&self, value: Option<&'a [u8]>) -> Result<T, Error> {
        let read = match value {
            Some(raw) => from_sql_exact(&self.r#type, raw),
            None => T::from_sql_null(&self.r#type),
        };
        read.map_err(|cause| {
            let is_null = cause.is::<WasNull>();
            let error = Error::new(ErrorKind::Decode, "a value could not be read");
            let column = self.name.clone();
            let error = error.with_source(Unreadable { column, cause });
            match is_null {
                true => error.with_hint("read what may be NULL as an Option"),
                false => error,
            }
        })
    }

    pub(crate) fn misfit(&self, wanted: &str) -> Error {
        let message = format!(
            "column {} is of type {}, which {wanted} cannot be read from",
            self.name, self.r#type
        );
        let error = Error::new(ErrorKind::Decode, message);
        match rust_type::of(&self.r#type) {
            Some(fitting) => {
                error.with_hint(format!("read it as {fitting}, or cast it in the statement"))
            }
            None => error,
        }
    }
}

/// The column of a value that could not be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) column: Box<str>,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}", self.column)
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.cause)
    }
}

impl Columns {
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.list().iter().position(|column| &*column.name == name)
    }

    pub(crate) fn missing(&self, column: &dyn fmt::Display) -> Error {
        let known: Vec<&str> = self.list().iter().map(|column| &*column.name).collect();
        Error::new(
            ErrorKind::Decode,
            format!("the result has no column {column}"),
        )
        .with_hint(format!("its columns are: {}", known.join(", ")))
    }
}

impl ColumnIndex for usize {
    fn position(&self, row: &Row) -> Option<usize> {
        (*self < row.len()).then_some(*self)
    }
}

impl ColumnIndex for &str {
    fn position(&self, row: &Row) -> Option<usize> {
        row.columns.position(self)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for usize {}
    impl Sealed for &str {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Type;

    #[test]
    fn values_are_found_in_any_order() {
        let mut body = Vec::from([0, 3]);
        for number in [7_i32, 8] {
            body.extend(4_i32.to_be_bytes());
            body.extend(number.to_be_bytes());
        }
        body.extend((-1_i32).to_be_bytes());
        let names = ["a", "b", "c"].map(Box::from).into();
        let columns = Columns::new(Bytes::new(), names, vec![Type::INT4; 3]);
        let row = Row::new(Arc::new(columns), body.into());
        for (column, expected) in [
            ("b", Some(8)),
            ("a", Some(7)),
            ("c", None),
            ("a", Some(7)),
            ("b", Some(8)),
        ] {
            assert_eq!(
                row.get::<Option<i32>>(column).expect("int4"),
                expected,
                "{column}"
            );
        }
        assert!(row.get::<i32>("c").is_err(), "NULL is no number");
        assert!(row.get::<String>("a").is_err(), "int4 is no text");
        assert!(row.get::<i32>(3).is_err(), "there are three columns");
    }
}
