//! What the derive writes down about a model's table: names, columns, statements.

use crate::index::{CheckConstraint, Index};
use crate::{Field, Insert};

/// A model's table, made by the derive.
#[derive(Debug)]
pub struct Table {
    /// The model's name in Rust, for messages.
    pub model: &'static str,
    /// The package that has the model, as its Cargo.toml names it: see [`models_of`](crate::models_of).
    pub package: &'static str,
    /// The schema; None follows the search path.
    pub schema: Option<&'static str>,
    /// The table's name.
    pub name: &'static str,
    /// The quoted name, with its schema when it has one.
    pub sql_name: &'static str,
    /// The quoted columns, in the order in which the model is read: what follows SELECT and RETURNING.
    pub select: &'static str,
    /// All columns, in that order.
    pub columns: &'static [Field],
    /// The names of the columns of the primary key.
    pub key: &'static [&'static str],
    /// Are rows marked deleted rather than removed?
    pub soft_delete: bool,
    /// Do changes belong into the audit log?
    pub audited: bool,
    /// The comment in the database.
    pub comment: Option<&'static str>,
    /// What the table was called before.
    pub renamed_from: Option<&'static str>,
    /// Indexes and unique constraints.
    pub indexes: &'static [Index],
    /// Checks of the database.
    pub checks: &'static [CheckConstraint],
    /// Extensions that its types or indexes need.
    pub extensions: &'static [&'static str],
    /// The statements on one row.
    pub sql: Statements,
}

impl Table {
    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Field> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column that tells whether a row was changed meanwhile: its version, else its time of change.
    #[must_use]
    pub fn version(&self) -> Option<&'static Field> {
        let version = self.columns.iter().find(|column| column.version);
        version.or_else(|| self.column("updated_at"))
    }

    /// Does a change stamp its actor?
    pub(crate) fn stamps_actor(&self) -> bool {
        self.column("updated_by")
            .is_some_and(|column| column.insert == Insert::Actor)
    }

    /// The columns that the first parameters of a statement on a key are for: the key's, then the actor's.
    pub(crate) fn key_parameters(&self) -> impl Iterator<Item = &'static str> {
        let actor = self.stamps_actor().then_some("updated_by");
        self.key.iter().copied().chain(actor)
    }

    /// The columns that `NewX` has, in its order.
    pub(crate) fn new_columns(&self) -> impl Iterator<Item = &'static Field> {
        self.columns
            .iter()
            .filter(|column| column.insert.is_in_new())
    }
}

/// The statements on one row: constants, so that they are put together once, by the compiler.
///
/// The key comes first among the parameters, the actor after it.
#[derive(Debug)]
pub struct Statements {
    /// Inserts a row, with what is always given and the actor, and returns it.
    pub insert: &'static str,
    /// Reads the row of a key, unless it is deleted.
    pub get: &'static str,
    /// Reads the row of a key, deleted or not.
    pub get_any: &'static str,
    /// As `get`, and locks it.
    pub lock: &'static str,
    /// Deletes the row of a key: marks it, or removes it.
    pub delete: &'static str,
    /// Undoes a soft delete and returns the row; empty without soft delete.
    pub restore: &'static str,
    /// Removes the row of a key.
    pub purge: &'static str,
    /// The condition on the key: `"id" = $1`.
    pub by_key: &'static str,
    /// What every update sets besides: time, version.
    pub touch: &'static str,
}
