//! `NOT NULL`, without looking at every row while nobody reads or writes.

use super::Context;
use crate::diff::route::{Demand, Step};
use underpin_schema::{Change, Part, object_name, quote_identifier};

/// A check that is validated beside others makes `SET NOT NULL` trust it.
pub(super) fn set(change: &Change, part: &Part, context: &Context<'_>) -> Option<Vec<Step>> {
    let plain = change.statements.first()?;
    if !context.was_there(&part.of) || !plain.ends_with(" SET NOT NULL") {
        return None;
    }
    let (table, column) = (&part.of, quote_identifier(&part.name));
    let name = object_name(&table.name, &part.name, "not_null_check");
    let name = quote_identifier(&name);
    let statements = [
        format!("ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID"),
        format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"),
        plain.clone(),
        format!("ALTER TABLE {table} DROP CONSTRAINT {name}"),
    ];
    let steps = statements
        .into_iter()
        .map(|sql| Step::new(change.object.clone(), sql));
    let mut steps: Vec<Step> = steps.collect();
    if let Some(first) = steps.first_mut() {
        first.demand = Some(Demand::NoNull(table.clone(), part.name.clone()));
    }
    Some(steps)
}
