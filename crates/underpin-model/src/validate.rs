//! Checks rows before they are written: everything that is wrong, at once.

use crate::rule::faults_of;
use crate::{DbValue, Error, Fault, FaultKind, Table};

/// The values of a new row, in the order of its columns.
pub(crate) fn new_row(table: &'static Table, given: &[Option<&dyn DbValue>]) -> Result<(), Error> {
    let values = table.new_columns().zip(given);
    let faults = values
        .filter_map(|(field, value)| Some((field, (*value)?)))
        .flat_map(|(field, value)| faults_of(table, field, value));
    Error::unless_valid(table, faults.collect())
}

/// The changed columns of a row.
pub(crate) fn patch(
    table: &'static Table,
    changes: &[(&'static str, &dyn DbValue)],
) -> Result<(), Error> {
    let faults = |(name, value): &(&'static str, &dyn DbValue)| match table.column(name) {
        Some(field) => faults_of(table, field, *value),
        None => vec![Fault::new(
            FaultKind::UnknownColumn,
            table.model,
            Some(name),
            "is no column",
        )],
    };
    Error::unless_valid(table, changes.iter().flat_map(faults).collect())
}
