//! `NOT NULL`, without looking at every row while nobody reads or writes.

use super::Context;
use super::interim::free_name;
use crate::diff::route::{Demand, Step};
use underpin_schema::{Change, Object, Part, object_name, quote_identifier};

/// A check that is validated beside others makes `SET NOT NULL` trust it.
pub(super) fn set(change: &Change, part: &Part, context: &Context<'_>) -> Option<Vec<Step>> {
    let plain = change.statements.first()?;
    let is_usual = plain.ends_with(" SET NOT NULL") && !plain.starts_with("ALTER TABLE ONLY ");
    if !context.was_there(&part.of) || !is_usual {
        return None;
    }
    let mut steps = checked(&change.object, part, context);
    if let Some(first) = steps.first_mut() {
        first.demand = Some(Demand::NoNull(part.of.clone(), part.name.clone()));
    }
    Some(steps)
}

/// The statements; no row has NULL there.
pub(super) fn checked(object: &Object, part: &Part, context: &Context<'_>) -> Vec<Step> {
    let (table, column) = (&part.of, quote_identifier(&part.name));
    let name = object_name(&table.name, &part.name, "not_null_check");
    let is_constraint = |name: &str| {
        [context.from, context.to].iter().any(|side| {
            let table = side.schema.tables.get(table);
            table.is_some_and(|it| it.constraints.contains(name))
        })
    };
    let name = free_name(&name, "", is_constraint);
    let name = quote_identifier(&name);
    let statements = [
        format!("ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID"),
        format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"),
        format!("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"),
        format!("ALTER TABLE {table} DROP CONSTRAINT {name}"),
    ];
    let steps = statements
        .into_iter()
        .map(|sql| Step::new(object.clone(), sql));
    steps.collect()
}
