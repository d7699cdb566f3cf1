//! Typed handles of columns: what filters, orders and patches are written with.

use crate::Model;
use std::fmt;

/// The column of a model, with the Rust type of its values: `Note::TITLE` is a `Column<Note, String>`.
///
/// A nullable column is a `Column<M, Option<T>>`.
pub struct Column<M, T> {
    name: &'static str,
    get: fn(&M) -> T,
}

impl<M, T> Column<M, T> {
    /// The column called `name`, and how its value is read from a row. The derive makes these; a wrong name is an
    /// error of the server.
    #[must_use]
    pub const fn new(name: &'static str, get: fn(&M) -> T) -> Self {
        Self { name, get }
    }

    /// The value of this column in a row.
    pub fn get(&self, row: &M) -> T {
        (self.get)(row)
    }

    /// The column's name in the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<M: Model, T> Column<M, T> {
    /// The table's name in the database.
    #[must_use]
    pub const fn table(&self) -> &'static str {
        M::TABLE.name
    }
}

impl<M, T> Clone for Column<M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, T> Copy for Column<M, T> {}

impl<M, T> fmt::Debug for Column<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
