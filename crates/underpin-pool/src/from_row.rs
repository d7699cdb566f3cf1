//! Rows into structs: columns found once a result, values read in their order.

use crate::{Error, FromSql, Row, Type};
use std::fmt;
use underpin_core::ErrorKind;

/// A type that can be read from a row of a result: usually by `#[derive(FromRow)]`.
///
/// Columns are found by name, once a result; their types are checked then, and not again for each row. Columns that
/// the type does not name are passed over. Tuples of up to eight values are read by position.
pub trait FromRow: Sized {
    /// The columns that are read, in the order in which [`from_row`](Self::from_row) takes them.
    const COLUMNS: &'static [ColumnSpec];

    /// Takes the values of one row, one for each of [`COLUMNS`](Self::COLUMNS), in that order.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] naming the column: NULL for a type that is not an `Option`, or a value the type refuses.
    fn from_row(values: &mut Values<'_>) -> Result<Self, Error>;
}

/// A column that a struct is read from: its name, and which types fit.
#[derive(Clone, Copy)]
pub struct ColumnSpec {
    name: &'static str,
    accepts: fn(&Type) -> bool,
    wanted: fn() -> &'static str,
}

impl ColumnSpec {
    /// The column `name`, read as `T`. An empty name stands for the column at the same position.
    #[must_use]
    pub const fn of<T: for<'a> FromSql<'a>>(name: &'static str) -> Self {
        Self {
            name,
            accepts: |found| <T as FromSql<'_>>::accepts(found),
            wanted: std::any::type_name::<T>,
        }
    }

    /// The column's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Several lists as one: for a struct that contains another one that is read from the same row.
    ///
    /// # Panics
    /// At compile time, when `N` is not the number of columns in all lists.
    #[must_use]
    pub const fn concat<const N: usize>(lists: &[&[Self]]) -> [Self; N] {
        let mut all = [Self::of::<bool>(""); N];
        let (mut list, mut at) = (0, 0);
        while list < lists.len() {
            let mut column = 0;
            while column < lists[list].len() {
                all[at] = lists[list][column];
                at += 1;
                column += 1;
            }
            list += 1;
        }
        assert!(at == N, "N is the number of columns in all lists");
        all
    }
}

impl fmt::Debug for ColumnSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, (self.wanted)())
    }
}

/// The values of one row that a struct is read from, in the order of its columns.
#[derive(Debug)]
pub struct Values<'a> {
    row: &'a Row,
    positions: std::slice::Iter<'a, usize>,
}

impl Values<'_> {
    /// The next value. It must be asked for as the type of its [`ColumnSpec`].
    ///
    /// # Errors
    /// As [`FromRow::from_row`].
    pub fn take<T: for<'a> FromSql<'a>>(&mut self) -> Result<T, Error> {
        let position = self.positions.next().ok_or_else(|| {
            Error::new(
                ErrorKind::Internal,
                "more values were taken from a row than FromRow::COLUMNS names",
            )
        })?;
        self.row.get(*position)
    }
}

/// Reads rows of one result.
pub(crate) fn decode<T: FromRow>(rows: &[Row]) -> Result<Vec<T>, Error> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let positions = T::COLUMNS
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let position = match column.name {
                "" => first.position(index),
                name => first.position(name),
            }?;
            let found = first.column_type(position);
            if (column.accepts)(found) {
                return Ok(position);
            }
            let message = format!(
                "column {column_name} is of type {found}, which {wanted} cannot be read from",
                column_name = column.name,
                wanted = (column.wanted)(),
            );
            Err(Error::new(ErrorKind::Decode, message))
        })
        .collect::<Result<Vec<usize>, Error>>()?;
    rows.iter()
        .map(|row| {
            T::from_row(&mut Values {
                row,
                positions: positions.iter(),
            })
        })
        .collect()
}

macro_rules! tuples {
    ($(($($name:ident),+))+) => {$(
        impl<$($name: for<'a> FromSql<'a>),+> FromRow for ($($name,)+) {
            const COLUMNS: &'static [ColumnSpec] = &[$(ColumnSpec::of::<$name>("")),+];

            fn from_row(values: &mut Values<'_>) -> Result<Self, Error> {
                Ok(($(values.take::<$name>()?,)+))
            }
        }
    )+};
}

tuples! {
    (A)
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E)
    (A, B, C, D, E, F)
    (A, B, C, D, E, F, G)
    (A, B, C, D, E, F, G, H)
}
