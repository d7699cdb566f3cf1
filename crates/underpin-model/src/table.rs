//! What the derive writes down about a model's table: names, columns, statements.

/// A model's table, made by the derive.
#[derive(Debug)]
pub struct Table {
    /// The model's name in Rust, for messages.
    pub model: &'static str,
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
    /// Are `created_by` and `updated_by` filled?
    pub audited: bool,
    /// The column that tells whether the row was changed meanwhile.
    pub version: Option<&'static str>,
    /// The statements on one row.
    pub sql: Statements,
}

impl Table {
    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Field> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A column of a model.
#[derive(Debug)]
pub struct Field {
    /// The field's name in Rust.
    pub field: &'static str,
    /// The column's name.
    pub name: &'static str,
    /// May it be NULL?
    pub nullable: bool,
    /// Does [`Repository::search`](crate::Repository::search) look into it? `#[model(search)]`, on text.
    pub search: bool,
    /// Is it kept out of what clients may filter and sort by? `#[model(private)]`, for hashes and secrets.
    pub private: bool,
}

/// The statements on one row: constants, so that they are put together once, by the compiler.
#[derive(Debug)]
pub struct Statements {
    /// Inserts a row and returns it.
    pub insert: &'static str,
    /// Reads the row of a key, deleted or not.
    pub get: &'static str,
    /// Removes the row of a key.
    pub purge: &'static str,
}
