//! What makes a struct a model.

use crate::{AnyColumn, Changes, DbValue, Error, Fields, Table, Value, changes, validate};
use serde_json::{Map, Value as JsonValue};
use underpin_pool::FromRow;

/// A struct whose values are rows of one table. Use `#[derive(Model)]`.
pub trait Model: FromRow + Clone + Send + Sync + 'static {
    /// The primary key: `Id<Self>`, unless the model names another one. A tuple when it is composite.
    type Id: Clone + Send + Sync + 'static;
    /// What a row is made from: `NewNote`.
    type New: NewRow<Self>;
    /// What a row is changed by: `NotePatch`.
    type Patch: PatchRow<Self>;
    /// Names, columns and statements.
    const TABLE: &'static Table;
    /// The columns in the order of [`Table::columns`]: `&[&Self::ID, &Self::TITLE]`.
    const ANY_COLUMNS: &'static [&'static dyn AnyColumn<Self>];

    /// The primary key of this row.
    fn key(&self) -> Self::Id;

    /// The values of a key, in the order of [`Table::key`].
    fn key_values(key: &Self::Id) -> Vec<Value<'_>>;

    /// The values of all columns, in the order of [`Table::columns`].
    fn values(&self) -> Vec<&dyn DbValue>;

    /// The fields that differ in a later value of the same row.
    fn changes(&self, later: &Self) -> Changes {
        Changes::between(self, later)
    }

    /// The row as JSON, by field; private fields are left out.
    ///
    /// # Errors
    /// [`FaultKind::UnknownColumn`](crate::FaultKind::UnknownColumn) for a field that the model does not have.
    fn to_map(&self, fields: Fields<'_>) -> Result<Map<String, JsonValue>, Error> {
        changes::to_map(self, fields)
    }
}

/// A row that is not in the table yet: `NewNote`. The derive makes it.
pub trait NewRow<M: Model<New = Self>>: Clone + Send + Sync + 'static {
    /// Gives the row an id when it has none.
    fn fill(&mut self);

    /// Adds the values of its fields, in the order of the table's columns; None: left to the database.
    fn write_values<'a>(&'a self, to: &mut Vec<Option<&'a dyn DbValue>>);

    /// The values of its fields, in the order of the table's columns; None: left to the database.
    fn values(&self) -> Vec<Option<&dyn DbValue>> {
        let mut values = Vec::with_capacity(M::TABLE.columns.len());
        self.write_values(&mut values);
        values
    }

    /// Is every value what its rules ask for? Writing the row checks it as well.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with all [`faults`](Error::faults).
    fn validate(&self) -> Result<(), Error> {
        validate::new_row(M::TABLE, &self.values())
    }
}

/// Changes to some columns of a row: `NotePatch`. The derive makes it.
pub trait PatchRow<M: Model<Patch = Self>>: Clone + Default + Send + Sync + 'static {
    /// The columns that are set, and their values, in the order of the table's columns.
    fn values(&self) -> Vec<(&'static str, &dyn DbValue)>;

    /// Is every changed value what its rules ask for? Writing the changes checks them as well.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with all [`faults`](Error::faults).
    fn validate(&self) -> Result<(), Error> {
        validate::patch(M::TABLE, &self.values())
    }
}
