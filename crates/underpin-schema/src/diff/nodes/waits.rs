//! Which step has to wait for which.

use super::{Steps, Verb, names};
use crate::create::Thing;
use crate::diff::side::{Key, Side};
use crate::order::Order;
use crate::{Object, QualifiedName, Table, TableKind};
use std::collections::HashMap;

pub(super) fn connect(steps: &Steps<'_, '_>, order: &mut Order) {
    for (place, (verb, key)) in steps.list.iter().enumerate() {
        match verb {
            Verb::Make => {
                after_needs(steps, order, place, key);
                after_parts(steps, order, place, key);
                after_old_self(steps, order, place, key);
                after_detaching(steps, order, place, key);
                after_losses(steps, order, place, key);
                after_other_keys(steps, order, place, key);
            }
            Verb::Alter => {
                after_needs(steps, order, place, key);
                after_parent(steps, order, place, key);
                for dependant in steps.from.needed_by(key) {
                    release(steps, order, place, dependant);
                }
            }
            Verb::Aside => {
                for dependant in steps.from.needed_by(key) {
                    release(steps, order, place, dependant);
                }
            }
            Verb::Drop => {
                for dependant in steps.from.needed_by(key) {
                    let drop = steps.place(Verb::Drop, dependant);
                    let alter = steps.place(Verb::Alter, dependant);
                    for other in drop.into_iter().chain(alter) {
                        order.connect(place, other);
                    }
                }
            }
        }
    }
    names::connect(steps, order);
    default_privileges(steps, order);
    persistence(steps, order);
    overloads(steps, order);
}

/// A thing comes after what it needs.
fn after_needs(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    for needed in steps.to.needs(key) {
        if let Some(needed) = steps.arrival(needed) {
            order.connect(place, needed);
        }
        if !is_part_of_index(steps, key, needed) {
            after_putting(steps, order, place, needed);
        }
    }
}

/// An index that is put together is one when all its parts have their places.
fn after_putting(steps: &Steps<'_, '_>, order: &mut Order, place: usize, whole: &Key) {
    for part in steps.to.followers(whole) {
        let put = match part {
            Key::Object(Object::Index(name)) => Key::AttachIndex(name.clone()),
            Key::Object(Object::Constraint(it)) => Key::AttachIndex(it.of.sibling(&it.name)),
            _ => continue,
        };
        if let Some(put) = steps.place(Verb::Make, &put) {
            order.connect(place, put);
        }
    }
}

/// Is it the step that gives a part its place in this index?
fn is_part_of_index(steps: &Steps<'_, '_>, key: &Key, whole: &Key) -> bool {
    match steps.to.thing(key) {
        Some(Thing::AttachIndex(it)) => {
            steps.to.index(it.parent, &it.whole).as_ref() == Some(whole)
        }
        _ => false,
    }
}

/// A foreign key of a partitioned table takes those of the partitions it has when it is made.
fn after_parts(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
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
fn after_parent(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    let whole = steps.to.followed(key);
    if let Some(whole) = whole.and_then(|whole| steps.place(Verb::Alter, whole)) {
        order.connect(place, whole);
    }
}

fn after_old_self(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    let old = match steps.fates.swapped.contains(key) {
        true => Verb::Aside,
        false => Verb::Drop,
    };
    if let Some(old) = steps.place(old, key) {
        order.connect(place, old);
    }
}

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

/// What depends on a thing that changes goes before.
fn release(steps: &Steps<'_, '_>, order: &mut Order, place: usize, dependant: &Key) {
    if steps.fates.swapped.contains(dependant) {
        return;
    }
    if let Some(drop) = steps.place(Verb::Drop, dependant) {
        order.connect(place, drop);
    }
}

/// A table is taken out of its parent before one of the two gets anything new.
fn after_detaching(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
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
fn after_losses(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
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

/// A foreign key rests on any unique index over its columns: those that go are gone before it is made.
fn after_other_keys(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
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

fn is_part(key: &Key) -> bool {
    matches!(
        key,
        Key::Object(
            Object::Column(_) | Object::Constraint(_) | Object::Index(_) | Object::Trigger(_)
        )
    )
}

/// What is made gets the privileges that hold before the plan: they are told with it.
fn default_privileges(steps: &Steps<'_, '_>, order: &mut Order) {
    let is_about_later = |key: &Key| matches!(key, Key::DefaultPrivileges(_));
    let places = |wanted: bool| {
        let all = steps.list.iter().enumerate();
        all.filter(move |(_, (_, key))| is_about_later(key) == wanted)
    };
    for (later, _) in places(true) {
        for (made, _) in places(false).filter(|(_, (verb, _))| *verb == Verb::Make) {
            order.connect(later, made);
        }
    }
}

/// A logged table never refers to an unlogged one, not even between two steps: a table becomes unlogged after those that
/// refer to it, and logged before them.
fn persistence(steps: &Steps<'_, '_>, order: &mut Order) {
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

/// What calls a new function is made when the old ones of its name are gone: PostgreSQL could not tell which is meant.
fn overloads(steps: &Steps<'_, '_>, order: &mut Order) {
    let name = |place: usize| match steps.thing(place) {
        Some(Thing::Function(function)) => Some(&function.signature.name),
        _ => None,
    };
    let mut dropped: HashMap<&QualifiedName, Vec<usize>> = HashMap::new();
    for place in 0..steps.list.len() {
        if let (Verb::Drop, Some(name)) = (steps.list[place].0, name(place)) {
            dropped.entry(name).or_default().push(place);
        }
    }
    for (place, (verb, key)) in steps.list.iter().enumerate() {
        if *verb == Verb::Make && name(place).is_none() {
            let makes = steps.to.needs(key);
            let made = makes.filter_map(|needed| steps.place(Verb::Make, needed));
            for drop in made.filter_map(name).filter_map(|name| dropped.get(name)) {
                drop.iter().for_each(|drop| order.connect(place, *drop));
            }
        }
    }
}
