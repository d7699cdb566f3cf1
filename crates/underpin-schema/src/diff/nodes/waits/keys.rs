//! What foreign keys wait for, and the tables between which they are.

use super::release;
use crate::create::Thing;
use crate::diff::nodes::{Steps, Verb};
use crate::diff::side::{Key, Side};
use crate::order::Order;
use crate::{Object, QualifiedName, Table, TableKind};

/// Foreign keys of partitioned tables take names for parts of theirs, which no fact tells: old ones go first.
fn after_old_foreign_keys(steps: &Steps<'_, '_>, order: &mut Order, place: usize, table: &Table) {
    if table.kind == TableKind::Plain {
        return;
    }
    let table = Key::Object(Object::Table(table.name.clone()));
    for part in steps.from.needed_by(&table) {
        if let Some(Thing::Constraint(_, it)) = steps.from.thing(part)
            && it.as_foreign_key().is_some()
        {
            release(steps, order, place, part);
        }
    }
}

/// A foreign key rests on any unique index over its columns: those that go are gone before it is made.
pub(super) fn after_other_keys(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    let Some(Thing::Constraint(of, constraint)) = steps.to.thing(key) else {
        return;
    };
    let Some(foreign_key) = constraint.as_foreign_key() else {
        return;
    };
    after_old_foreign_keys(steps, order, place, of);
    let table = Key::Object(Object::Table(foreign_key.table.clone()));
    for part in steps.from.needed_by(&table) {
        let is_unique = match steps.from.thing(part) {
            Some(Thing::Constraint(_, it)) => it.as_key().is_some(),
            Some(Thing::Index(_, it)) => it.unique,
            _ => false,
        };
        if is_unique {
            release(steps, order, place, part);
        }
    }
}

/// A logged table never refers to an unlogged one, not even between two steps: a table becomes unlogged after those that
/// refer to it, and logged before them.
pub(super) fn persistence(steps: &Steps<'_, '_>, order: &mut Order) {
    let is_unlogged = |side: &Side<'_>, table: &QualifiedName| {
        let table = side.catalog.schema.tables.get(table);
        table.map(|it| it.unlogged)
    };
    let turn = |table: &QualifiedName| {
        steps.place(Verb::Alter, &Key::Object(Object::Table(table.clone())))
    };
    for table in &steps.to.catalog.schema.tables {
        let keys = table.constraints.iter();
        for key in keys.filter_map(crate::Constraint::as_foreign_key) {
            let turns = turn(&table.name).zip(turn(&key.table));
            let Some((referring, referred)) = turns else {
                continue;
            };
            let (before, after) = (
                is_unlogged(steps.from, &key.table),
                is_unlogged(steps.to, &key.table),
            );
            match (before, after) {
                (Some(false), Some(true)) => order.connect(referred, referring),
                (Some(true), Some(false)) => order.connect(referring, referred),
                _ => {}
            }
        }
    }
}
