//! What partitions, and tables that inherit, wait for.

use super::release;
use crate::Object;
use crate::create::Thing;
use crate::diff::nodes::{Steps, Verb};
use crate::diff::side::Key;
use crate::order::Order;

/// A foreign key of a partitioned table takes those of the partitions it has when it is made.
pub(super) fn after_parts(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    if matches!(steps.to.thing(key), Some(Thing::Index(_, it)) if !it.valid)
        || matches!(steps.to.thing(key), Some(Thing::Constraint(_, it)) if !it.is_complete())
    {
        return;
    }
    let parts = steps.to.followers(key);
    for part in parts.filter(|part| steps.fates.is_carried(steps.to, part)) {
        if let Some(part) = steps.place(Verb::Make, part) {
            order.connect(place, part);
        }
    }
}

/// What a column has from its parent is dropped there first.
pub(super) fn after_parent(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    let whole = steps.to.followed(key);
    if let Some(whole) = whole.and_then(|whole| steps.place(Verb::Alter, whole)) {
        order.connect(place, whole);
    }
}

/// A table is taken out of its parent before one of the two gets anything new.
pub(super) fn after_detaching(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    let table = match steps.to.thing(key) {
        Some(Thing::Column(table, _) | Thing::Constraint(table, _)) => &table.name,
        Some(Thing::Trigger(table, _) | Thing::Index(table, _)) => *table,
        _ => return,
    };
    let table = Key::Object(Object::Table(table.clone()));
    for dependant in steps.from.needed_by(&table) {
        if matches!(dependant, Key::Attach(_) | Key::Inherit(..)) {
            release(steps, order, place, dependant);
        }
    }
}

/// A table becomes a partition or a child when it and its parent have lost what they are not to have.
pub(super) fn after_losses(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    let (table, parent) = match steps.to.thing(key) {
        Some(Thing::Attach(table, partition)) => (&table.name, &partition.parent),
        Some(Thing::Inherit(table, parent)) => (&table.name, *parent),
        _ => return,
    };
    for table in [table, parent] {
        let table = Key::Object(Object::Table(table.clone()));
        for part in steps.from.needed_by(&table).filter(|part| is_part(part)) {
            release(steps, order, place, part);
        }
    }
}

fn is_part(key: &Key) -> bool {
    matches!(
        key,
        Key::Object(
            Object::Column(_) | Object::Constraint(_) | Object::Index(_) | Object::Trigger(_)
        )
    )
}

/// PostgreSQL 18 names a NOT NULL otherwise than usual when the usual name is that of a partition's.
pub(super) fn after_parent_table(
    steps: &Steps<'_, '_>,
    order: &mut Order,
    place: usize,
    key: &Key,
) {
    if let Some(Thing::Table(table)) = steps.to.thing(key)
        && let Some(partition) = &table.partition
        && let parent = Key::Object(Object::Table(partition.parent.clone()))
        && let Some(parent) = steps.place(Verb::Make, &parent)
    {
        order.connect(place, parent);
    }
}
