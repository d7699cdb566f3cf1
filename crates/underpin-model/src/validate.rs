//! Checks rows before they are written: everything that is wrong, at once.

use crate::rule::faults_of;
use crate::{DbValue, Error, Fault, FaultKind, Model, NewRow, PatchRow};

/// A new row.
pub(crate) fn new_row<M: Model>(new: &M::New) -> Result<(), Error> {
    let values = M::TABLE.new_columns().zip(new.values());
    let faults = values
        .filter_map(|(field, value)| Some((field, value?)))
        .flat_map(|(field, value)| faults_of(M::TABLE, field, value));
    Error::unless_valid(M::TABLE, faults.collect())
}

/// The changed columns of a row.
pub(crate) fn patch<M: Model>(patch: &M::Patch) -> Result<(), Error> {
    Error::unless_valid(M::TABLE, changes::<M>(&patch.values()))
}

fn changes<M: Model>(values: &[(&'static str, &dyn DbValue)]) -> Vec<Fault> {
    let faults = |(name, value): &(&'static str, &dyn DbValue)| match M::TABLE.column(name) {
        Some(field) => faults_of(M::TABLE, field, *value),
        None => vec![Fault::new(
            FaultKind::UnknownColumn,
            M::TABLE.model,
            Some(name),
            "is no column",
        )],
    };
    values.iter().flat_map(faults).collect()
}
