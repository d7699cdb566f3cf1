//! Rows into structs: columns found once a result, values read in their order.

use crate::row::RawValues;
use crate::wire::{Column, Columns};
use crate::{Error, FromSql, Type};
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
    source: Source<'a>,
}

#[derive(Debug)]
enum Source<'a> {
    /// The result has just the columns that are read, in their order.
    InOrder {
        columns: std::slice::Iter<'a, Column>,
        values: RawValues<'a>,
    },
    /// Values are picked out by their positions.
    Picked {
        columns: &'a [Column],
        values: &'a [Option<&'a [u8]>],
        positions: std::slice::Iter<'a, usize>,
    },
}

impl<'r> Values<'r> {
    /// The next value. It must be asked for as the type of its [`ColumnSpec`].
    ///
    /// # Errors
    /// As [`FromRow::from_row`].
    pub fn take<T: for<'a> FromSql<'a>>(&mut self) -> Result<T, Error> {
        let (column, value) = self.advance().ok_or_else(|| {
            Error::new(
                ErrorKind::Internal,
                "more values were taken from a row than FromRow::COLUMNS names",
            )
        })?;
        column.read(value)
    }

    fn advance(&mut self) -> Option<(&'r Column, Option<&'r [u8]>)> {
        match &mut self.source {
            Source::InOrder { columns, values } => Some((columns.next()?, values.next()?)),
            Source::Picked {
                columns,
                values,
                positions,
            } => {
                let position = *positions.next()?;
                Some((&columns[position], *values.get(position)?))
            }
        }
    }
}

/// Where the values of a struct lie in the rows of one result; made once a result.
pub(crate) struct Plan {
    positions: Vec<usize>,
    in_order: bool,
}

impl Plan {
    /// Finds the columns of `T` and checks their types.
    pub(crate) fn new<T: FromRow>(columns: &Columns) -> Result<Self, Error> {
        let positions = T::COLUMNS
            .iter()
            .enumerate()
            .map(|(index, spec)| spec.find(index, columns))
            .collect::<Result<Vec<usize>, Error>>()?;
        let in_order = positions.iter().copied().eq(0..positions.len());
        Ok(Self {
            positions,
            in_order,
        })
    }

    /// Reads the body of a DataRow message.
    pub(crate) fn read<T: FromRow>(&self, columns: &Columns, body: &[u8]) -> Result<T, Error> {
        // The count of values repeats what the columns say.
        let values = RawValues(body.get(2..).unwrap_or_default());
        if self.in_order {
            let columns = columns.list().iter();
            let source = Source::InOrder { columns, values };
            return T::from_row(&mut Values { source });
        }
        let values: Vec<_> = values.collect();
        let source = Source::Picked {
            columns: columns.list(),
            values: &values,
            positions: self.positions.iter(),
        };
        T::from_row(&mut Values { source })
    }
}

impl ColumnSpec {
    /// The position of this column in a result.
    fn find(&self, index: usize, columns: &Columns) -> Result<usize, Error> {
        let list = columns.list();
        let position = match self.name {
            "" if index < list.len() => index,
            "" => return Err(columns.missing(&index)),
            // Mostly the statement names the columns in the struct's order.
            name if list.get(index).is_some_and(|column| &*column.name == name) => index,
            name => columns
                .position(name)
                .ok_or_else(|| columns.missing(&name))?,
        };
        if (self.accepts)(&list[position].r#type) {
            Ok(position)
        } else {
            Err(list[position].misfit((self.wanted)()))
        }
    }
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
