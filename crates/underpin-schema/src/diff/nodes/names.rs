//! Names and places that only one thing at a time can have.

use super::{Steps, Verb};
use crate::create::Thing;
use crate::diff::compare::{called_not_null, sequence_of};
use crate::diff::side::Side;
use crate::order::Order;
use crate::{ConstraintKind, Part, QualifiedName};
use std::collections::HashMap;

/// What frees a name or a place comes before what takes it.
pub(super) fn connect(steps: &Steps<'_, '_>, order: &mut Order) {
    free_names(steps, order);
    one_at_a_time(steps, order);
}

/// A name, and what it is unique among.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Name {
    /// The relations and types of a schema.
    Relation(QualifiedName),
    /// The constraints of a table.
    Constraint(Part),
}

/// The names that a thing takes. Those that its parts take are told by the parts.
fn taken_by(thing: &Thing<'_>) -> Vec<Name> {
    let relation = |name: &QualifiedName| vec![Name::Relation(name.clone())];
    match thing {
        Thing::Enum(it) => relation(&it.name),
        Thing::Domain(it) => relation(&it.name),
        Thing::Composite(it) => relation(&it.name),
        Thing::Range(it) => relation(&it.name),
        Thing::Sequence(it) => relation(&it.name),
        Thing::View(it) => relation(&it.name),
        Thing::MaterialisedView(it) => relation(&it.name),
        Thing::Table(it) => relation(&it.name),
        Thing::Index(table, it) => vec![Name::Relation(table.sibling(&it.name))],
        Thing::Column(table, it) => {
            let not_null = it.not_null.iter();
            let not_null = not_null.map(|not_null| called_not_null(table, &it.name, not_null));
            let not_null =
                not_null.map(|name| Name::Constraint(Part::new(table.name.clone(), name)));
            let sequence = sequence_of(table, it).map(Name::Relation);
            sequence.into_iter().chain(not_null).collect()
        }
        Thing::Constraint(table, it) => {
            let constraint = Name::Constraint(Part::new(table.name.clone(), &it.name));
            let index = it
                .has_index()
                .then(|| Name::Relation(table.name.sibling(&it.name)));
            index.into_iter().chain([constraint]).collect()
        }
        _ => Vec::new(),
    }
}

/// A name is free before it is taken.
fn free_names(steps: &Steps<'_, '_>, order: &mut Order) {
    let mut freed: HashMap<Name, Vec<usize>> = HashMap::new();
    for (place, (verb, key)) in steps.list.iter().enumerate() {
        let is_freed = *verb == Verb::Drop && !steps.fates.swapped.contains(key);
        if is_freed || *verb == Verb::Alter {
            let old = steps.from.thing(key).map(taken_by).unwrap_or_default();
            let new = steps.to.thing(key).map(taken_by).unwrap_or_default();
            for name in old
                .into_iter()
                .filter(|name| *verb == Verb::Drop || !new.contains(name))
            {
                freed.entry(name).or_default().push(place);
            }
        }
    }
    for (place, (verb, key)) in steps.list.iter().enumerate() {
        if !matches!(verb, Verb::Make | Verb::Alter) {
            continue;
        }
        for name in steps.to.thing(key).map(taken_by).unwrap_or_default() {
            for free in freed.get(&name).into_iter().flatten() {
                if steps.list[*free].1 != *key {
                    order.connect(place, *free);
                }
            }
        }
    }
}

/// Where only one thing at a time can be.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Room<'a> {
    /// A table has one primary key.
    PrimaryKey(&'a QualifiedName),
    /// No two partitions of a table have the same rows.
    Partition(&'a QualifiedName),
    /// The trigger of a partitioned table is one of each partition as well, by the same name.
    Trigger(&'a QualifiedName, &'a str),
}

/// The old one goes first.
fn one_at_a_time(steps: &Steps<'_, '_>, order: &mut Order) {
    let of = |place: usize| match steps.thing(place) {
        Some(Thing::Constraint(table, it)) => matches!(it.kind, ConstraintKind::PrimaryKey(_))
            .then_some(Room::PrimaryKey(&table.name)),
        Some(Thing::Attach(_, partition)) => Some(Room::Partition(&partition.parent)),
        Some(Thing::Trigger(table, trigger)) => {
            let side = match steps.list[place].0 {
                Verb::Drop | Verb::Aside => steps.from,
                Verb::Alter | Verb::Make => steps.to,
            };
            Some(Room::Trigger(uppermost(side, table), &trigger.name))
        }
        _ => None,
    };
    let mut dropped: HashMap<Room<'_>, Vec<usize>> = HashMap::new();
    for place in 0..steps.list.len() {
        if let (Verb::Drop, Some(room)) = (steps.list[place].0, of(place)) {
            dropped.entry(room).or_default().push(place);
        }
    }
    for place in 0..steps.list.len() {
        if let (Verb::Make, Some(room)) = (steps.list[place].0, of(place)) {
            for drop in dropped.get(&room).into_iter().flatten() {
                order.connect(place, *drop);
            }
        }
    }
}

/// The partitioned table that a partition belongs to in the end.
fn uppermost<'a>(side: &Side<'a>, table: &'a QualifiedName) -> &'a QualifiedName {
    let tables = &side.catalog.schema.tables;
    let parent = |table: &&'a QualifiedName| {
        let partition = tables.get(*table)?.partition.as_ref();
        partition.map(|partition| &partition.parent)
    };
    let above = std::iter::successors(Some(table), parent);
    above.take(tables.len()).last().unwrap_or(table)
}
