//! Checks rows before they are written: everything that is wrong, at once.

use crate::rule::find_faults;
use crate::{DbValue, Error, Fault, FaultKind, Table};

/// The values of a new row, in the order of its columns.
pub(crate) fn new_row(table: &'static Table, given: &[Option<&dyn DbValue>]) -> Result<(), Error> {
    let mut faults = Vec::new();
    for (field, value) in table.new_columns().zip(given) {
        if let Some(value) = value {
            find_faults(table, field, *value, &mut faults);
        }
    }
    Error::unless_valid(table, faults)
}

/// The changed columns of a row.
pub(crate) fn patch(
    table: &'static Table,
    changes: &[(&'static str, &dyn DbValue)],
) -> Result<(), Error> {
    let mut faults = Vec::new();
    for (name, value) in changes {
        match table.column(name) {
            Some(field) => find_faults(table, field, *value, &mut faults),
            None => {
                let kind = FaultKind::UnknownColumn;
                faults.push(Fault::new(kind, table.model, Some(name), "is no column"));
            }
        }
    }
    Error::unless_valid(table, faults)
}
