//! What needs what within one schema.

use super::side::{Key, Side};
use crate::create::{Thing, could_be_part, is_part_of, needed_by, whole_table};
use crate::{Column, Index, Object, Origin, Part, QualifiedName, Table};

/// Notes what the facts tell and what the database has told.
pub(super) fn connect(side: &mut Side<'_>) {
    follow_parents(side);
    let mut pairs = Vec::new();
    for (place, (_, thing)) in side.things().enumerate() {
        let is_partition =
            |needed: &Object| matches!(thing, Thing::Table(it) if is_partition_of(it, needed));
        for needed in needed_by(thing).into_iter().filter(|it| !is_partition(it)) {
            pairs.extend(side.find(&needed).map(|needed| (place, needed)));
        }
        add_special(side, place, thing, &mut pairs);
    }
    for (dependant, needed) in side.catalog.dependencies.iter() {
        let is_partition = match dependant {
            Object::Table(name) => {
                let table = side.catalog.schema.tables.get(name);
                table.is_some_and(|table| is_partition_of(table, needed))
            }
            _ => false,
        };
        if !is_partition {
            let default = domain_default(side, dependant, needed);
            let dependant = default.or_else(|| side.find(dependant));
            pairs.extend(dependant.zip(side.find(needed)));
        }
    }
    for (dependant, needed) in pairs {
        let whole = side.key(dependant).and_then(|key| side.followed(key));
        if whole.is_none_or(|whole| side.key(needed) != Some(whole)) {
            side.connect(dependant, needed);
        }
    }
}

/// The default of a domain, when it is that which needs an object: a domain itself needs types only.
fn domain_default(side: &Side<'_>, dependant: &Object, needed: &Object) -> Option<usize> {
    match (dependant, needed) {
        (Object::Type(name), Object::Function(_) | Object::Sequence(_)) => {
            side.position(&Key::DomainDefault(name.clone()))
        }
        _ => None,
    }
}

/// A partition is made as a table of its own: it is its place that needs the other table.
fn is_partition_of(table: &Table, object: &Object) -> bool {
    let parent = table.partition.as_ref().map(|partition| &partition.parent);
    matches!(object, Object::Table(name) if Some(name) == parent)
}

/// What things need that are no objects of their own, and what is needed by them.
fn add_special(side: &Side<'_>, place: usize, thing: &Thing<'_>, pairs: &mut Vec<(usize, usize)>) {
    let mut need = |object: Object| {
        pairs.extend(side.find(&object).map(|needed| (place, needed)));
    };
    match thing {
        Thing::Attach(table, partition) => {
            let twins = table.indexes.iter();
            let twins = twins.filter(|index| is_twin(side, table, index));
            let twins: Vec<Object> = twins
                .map(|index| Object::Index(table.name.sibling(&index.name)))
                .collect();
            let all = whole_table(table).into_iter();
            all.filter(|object| !twins.contains(object))
                .for_each(&mut need);
            columns(table).for_each(&mut need);
            if let Some(parent) = side.catalog.schema.tables.get(&partition.parent) {
                columns(parent).for_each(&mut need);
                let incomplete = incomplete_indexes(parent);
                let complete = whole_table(parent).into_iter();
                complete
                    .filter(|object| !incomplete.contains(object))
                    .for_each(&mut need);
                pairs.extend(
                    incomplete
                        .iter()
                        .filter_map(|index| Some((side.find(index)?, place))),
                );
            }
        }
        Thing::Inherit(table, parent) => {
            columns(table).for_each(&mut need);
            inherited_constraints(table).for_each(&mut need);
            let parent = side.catalog.schema.tables.get(*parent);
            parent.into_iter().flat_map(columns).for_each(&mut need);
        }
        Thing::Index(table, index) => {
            let table = side.catalog.schema.tables.get(*table);
            let table = table.filter(|table| is_twin(side, table, index));
            let attached = table.map(|it| Key::Attach(it.name.clone()));
            pairs.extend(attached.and_then(|it| Some((place, side.position(&it)?))));
        }
        Thing::AttachIndex(it) => {
            let whole = side.index(it.parent, &it.whole);
            let part = side.index(it.partition, &it.part);
            let both = whole.into_iter().chain(part);
            let both = both.filter_map(|index| side.position(&index));
            pairs.extend(both.map(|index| (place, index)));
        }
        Thing::Trigger(_, trigger) => {
            for part in &trigger.parts {
                let places = places_of(side, &part.partition);
                pairs.extend(places.filter_map(|it| Some((place, side.position(&it)?))));
            }
        }
        Thing::Ownership(sequence) => {
            let owner = sequence.owned_by.clone();
            owner.map(Object::Column).into_iter().for_each(&mut need);
        }
        _ => {}
    }
}

/// The places of a partition and of those that it is in.
fn places_of<'s>(
    side: &'s Side<'_>,
    partition: &'s QualifiedName,
) -> impl Iterator<Item = Key> + 's {
    let tables = &side.catalog.schema.tables;
    let parent = |name: &&'s QualifiedName| {
        let partition = tables.get(*name)?.partition.as_ref();
        partition.map(|it| &it.parent)
    };
    let above = std::iter::successors(Some(partition), parent).take(tables.len());
    above.map(|name| Key::Attach(name.clone()))
}

fn columns(table: &Table) -> impl Iterator<Item = Object> {
    let columns = table.columns.iter();
    columns.map(|it| Object::Column(Part::new(table.name.clone(), &it.name)))
}

/// What a table must have before it can inherit.
fn inherited_constraints(table: &Table) -> impl Iterator<Item = Object> {
    let constraints = table.constraints.iter();
    let inherited = constraints.filter(|it| it.origin != Origin::Own);
    inherited.map(|it| Object::Constraint(Part::new(table.name.clone(), &it.name)))
}

/// Is an index of a partition its own, although attaching the partition would make it a part of the table's?
pub(super) fn is_twin(side: &Side<'_>, table: &Table, index: &Index) -> bool {
    let parent = table.partition.as_ref().map(|it| &it.parent);
    let parent = parent.and_then(|parent| side.catalog.schema.tables.get(parent));
    index.part_of.is_none() && parent.is_some_and(|parent| could_be_part(index, parent))
}

/// What would be completed by attaching a partition after it was made.
fn incomplete_indexes(table: &Table) -> Vec<Object> {
    let constraints = table.constraints.iter().filter(|it| !it.is_complete());
    let constraints =
        constraints.map(|it| Object::Constraint(Part::new(table.name.clone(), &it.name)));
    let indexes = table.indexes.iter().filter(|index| !index.valid);
    let indexes = indexes.map(|index| Object::Index(table.name.sibling(&index.name)));
    constraints.chain(indexes).collect()
}

/// Notes which parts of partitions and of tables that inherit come from their parents.
fn follow_parents(side: &mut Side<'_>) {
    let schema = &side.catalog.schema;
    for table in &schema.tables {
        let whole = table.partition.iter().map(|partition| &partition.parent);
        let whole = whole.map(|parent| (parent, Key::Attach(table.name.clone())));
        let above = table.inherits.iter();
        let above = above.map(|parent| (parent, Key::Inherit(table.name.clone(), parent.clone())));
        for (parent, place) in above.chain(whole) {
            if let Some(parent) = schema.tables.get(parent) {
                follow(side, table, parent, &place);
            }
        }
    }
}

fn follow(side: &mut Side<'_>, table: &Table, parent: &Table, place: &Key) {
    let key = |of: &QualifiedName, name: &str, object: fn(Part) -> Object| {
        Key::Object(object(Part::new(of.clone(), name)))
    };
    let inherited = |column: &&Column| column.origin != Origin::Own;
    for column in table.columns.iter().filter(inherited) {
        if parent.columns.get(&column.name).is_some() {
            let part = key(&table.name, &column.name, Object::Column);
            let whole = key(&parent.name, &column.name, Object::Column);
            side.follow(part, whole, place.clone());
        }
    }
    for constraint in table
        .constraints
        .iter()
        .filter(|it| it.origin != Origin::Own)
    {
        let mut wholes = parent.constraints.iter();
        if let Some(whole) = wholes.find(|whole| is_part_of(constraint, whole)) {
            let part = key(&table.name, &constraint.name, Object::Constraint);
            let whole = key(&parent.name, &whole.name, Object::Constraint);
            side.follow(part, whole, place.clone());
        }
    }
    for constraint in &table.constraints {
        if let Some(whole) = constraint.as_key().and_then(|key| key.part_of.clone()) {
            let part = key(&table.name, &constraint.name, Object::Constraint);
            side.follow(part, Key::Object(Object::Index(whole)), place.clone());
        }
    }
    for index in &table.indexes {
        if let Some(whole) = index.part_of.clone() {
            let part = Key::Object(Object::Index(table.name.sibling(&index.name)));
            side.follow(part, Key::Object(Object::Index(whole)), place.clone());
        }
    }
}

/// Does a body of SQL insert or update, so that it needs columns which it does not mention?
pub(super) fn is_upsert(thing: &Thing<'_>) -> bool {
    let text = match thing {
        Thing::Function(it) => &it.definition,
        Thing::Rule(_, it) => &it.definition,
        _ => return false,
    };
    text.contains(" ON CONFLICT")
}
