//! Which step has to wait for which.

mod keys;
mod partitions;

use super::{Steps, Verb, emit, names};
use crate::create::Thing;
use crate::diff::needs::is_upsert;
use crate::diff::side::Key;
use crate::order::Order;
use crate::{Object, QualifiedName};
use std::collections::HashMap;

pub(super) fn connect(steps: &Steps<'_, '_>, order: &mut Order) {
    for (place, (verb, key)) in steps.list.iter().enumerate() {
        match verb {
            Verb::Make => {
                after_needs(steps, order, place, key);
                partitions::after_parts(steps, order, place, key);
                after_old_self(steps, order, place, key);
                partitions::after_detaching(steps, order, place, key);
                partitions::after_losses(steps, order, place, key);
                keys::after_other_keys(steps, order, place, key);
                after_dropped_columns(steps, order, place, key);
                partitions::after_parent_table(steps, order, place, key);
            }
            Verb::Alter => {
                after_needs(steps, order, place, key);
                partitions::after_parent(steps, order, place, key);
                let below = steps.to.followers(key);
                let below = below.filter(|part| steps.fates.is_carried(steps.to, part));
                for changed in below.chain([key]) {
                    for dependant in steps.from.needed_by(changed) {
                        release(steps, order, place, dependant);
                    }
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
                    // When a trigger fires on a partition is said after it is attached again.
                    let is_said_later = matches!(
                        (key, steps.from.thing(dependant)),
                        (Key::Attach(_), Some(Thing::Trigger(..)))
                    );
                    let alter = steps.place(Verb::Alter, dependant);
                    let alter = alter.filter(|_| !is_said_later);
                    for other in drop.into_iter().chain(alter) {
                        order.connect(place, other);
                    }
                }
            }
        }
    }
    names::connect(steps, order);
    default_privileges(steps, order);
    keys::persistence(steps, order);
    overloads(steps, order);
}

/// A thing comes after what it needs.
fn after_needs(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    for needed in steps.to.needs(key) {
        if let Some(arrival) = steps.arrival(needed)
            && !is_held_by_old_key(steps, key, needed)
        {
            order.connect(place, arrival);
        }
        if !is_part_of_index(steps, key, needed) {
            after_putting(steps, order, place, needed);
        }
    }
}

/// Does a column begin to take NULL only when the primary key is gone whose place the thing takes in the same step?
fn is_held_by_old_key(steps: &Steps<'_, '_>, key: &Key, column: &Key) -> bool {
    let mut taking = steps.fates.taken_over.values();
    let mut changes = steps.fates.changes(column).iter();
    changes.any(emit::is_not_null_dropped) && taking.any(|made| made == key)
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

/// `ON CONFLICT` knows every column that its table has: when it is parsed, those that go are gone.
fn after_dropped_columns(steps: &Steps<'_, '_>, order: &mut Order, place: usize, key: &Key) {
    if !steps.to.thing(key).is_some_and(is_upsert) {
        return;
    }
    for needed in steps.to.needs(key) {
        let Key::Object(Object::Column(column)) = needed else {
            continue;
        };
        let table = Key::Object(Object::Table(column.of.clone()));
        for part in steps.from.needed_by(&table) {
            if matches!(part, Key::Object(Object::Column(_))) {
                release(steps, order, place, part);
            }
        }
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

/// What depends on a thing that changes goes before.
fn release(steps: &Steps<'_, '_>, order: &mut Order, place: usize, dependant: &Key) {
    if steps.fates.swapped.contains(dependant) {
        return;
    }
    if let Some(drop) = steps.place(Verb::Drop, dependant) {
        order.connect(place, drop);
    }
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
