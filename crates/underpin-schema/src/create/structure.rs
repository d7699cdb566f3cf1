//! What needs what, as far as the facts themselves tell.

use super::order::Graph;
use super::thing::Thing;
use crate::Object;
use crate::facts::*;

/// Connects what no database has to be asked about.
pub(super) fn connect(things: &[Thing<'_>], graph: &mut Graph) {
    for (place, thing) in things.iter().enumerate() {
        for needed in needed_by(thing) {
            graph.connect_place(place, &needed);
        }
    }
    connect_partitions(things, graph);
}

/// What a thing needs, as far as its facts tell.
pub(crate) fn needed_by(thing: &Thing<'_>) -> Vec<Object> {
    let mut needed = Vec::new();
    needed.extend(namespace_of(thing).map(|name| Object::Namespace(name.to_owned())));
    match thing {
        Thing::Table(table) => {
            let whole = table.partition.iter().map(|it| &it.parent);
            needed.extend(
                table
                    .inherits
                    .iter()
                    .chain(whole)
                    .cloned()
                    .map(Object::Table),
            );
        }
        Thing::Inherit(table, parent) => {
            needed.push(Object::Table(table.name.clone()));
            needed.push(Object::Table((*parent).clone()));
        }
        Thing::DomainDefault(domain) => needed.push(Object::Type(domain.name.clone())),
        Thing::Column(table, _) => needed.push(Object::Table(table.name.clone())),
        Thing::DomainCheck(domain, _) => needed.push(Object::Type(domain.name.clone())),
        Thing::Default(table, column) => {
            let column = Part::new(table.name.clone(), &column.name);
            needed.push(Object::Column(column));
        }
        Thing::Constraint(table, constraint) => {
            needed.push(Object::Table(table.name.clone()));
            let key = constraint.as_foreign_key();
            needed.extend(key.map(|key| Object::Table(key.table.clone())));
        }
        Thing::Index(table, _) => {
            needed.push(Object::Table((*table).clone()));
            needed.push(Object::MaterialisedView((*table).clone()));
        }
        Thing::TableSettings(table) => needed.extend(named_by_settings(table)),
        Thing::Ownership(sequence) => {
            needed.push(Object::Sequence(sequence.name.clone()));
            needed.extend(
                sequence
                    .owned_by
                    .iter()
                    .map(|column| Object::Table(column.of.clone())),
            );
        }
        Thing::Trigger(table, trigger) => {
            needed.push(Object::Function(trigger.function.clone()));
            needed.extend(either_relation(table));
        }
        Thing::Rule(table, _) => needed.extend(either_relation(table)),
        Thing::Policy(table, _) => needed.push(Object::Table((*table).clone())),
        Thing::Tie(it) => {
            let (object, extension) = &it.tie;
            needed.push(object.clone());
            needed.push(Object::Extension(extension.clone()));
        }
        Thing::Member(it) => needed.push(Object::Extension(it.key.extension.clone())),
        _ => {}
    }
    needed
}

fn namespace_of<'a>(thing: &'a Thing<'_>) -> Option<&'a str> {
    let name = match thing {
        Thing::Extension(extension) => return extension.schema.as_deref(),
        Thing::DefaultPrivileges(entry) => return entry.key.schema.as_deref(),
        Thing::Collation(it) => &it.name,
        Thing::Enum(it) => &it.name,
        Thing::Domain(it) => &it.name,
        Thing::Composite(it) => &it.name,
        Thing::Range(it) => &it.name,
        Thing::Sequence(it) => &it.name,
        Thing::Function(it) => &it.signature.name,
        Thing::Table(it) => &it.name,
        Thing::View(it) => &it.name,
        Thing::MaterialisedView(it) => &it.name,
        Thing::Statistics(it) => &it.name,
        _ => return None,
    };
    Some(&name.schema)
}

fn either_relation(name: &QualifiedName) -> [Object; 2] {
    [Object::Table(name.clone()), Object::View(name.clone())]
}

/// The table, and the index by which it identifies its rows or orders them.
fn named_by_settings(table: &Table) -> Vec<Object> {
    let identity = match &table.replica_identity {
        ReplicaIdentity::Index(index) => Some(index),
        _ => None,
    };
    let names = identity.into_iter().chain(&table.clustered_on);
    let either = names.flat_map(|name| {
        let constraint = Part::new(table.name.clone(), name);
        [
            Object::Index(table.name.sibling(name)),
            Object::Constraint(constraint),
        ]
    });
    std::iter::once(Object::Table(table.name.clone()))
        .chain(either)
        .collect()
}

/// The table with its constraints and indexes.
pub(crate) fn whole_table(table: &Table) -> Vec<Object> {
    let constraints = table.constraints.iter();
    let constraints =
        constraints.map(|it| Object::Constraint(Part::new(table.name.clone(), &it.name)));
    let indexes = table
        .indexes
        .iter()
        .map(|it| Object::Index(table.name.sibling(&it.name)));
    std::iter::once(Object::Table(table.name.clone()))
        .chain(constraints)
        .chain(indexes)
        .collect()
}

/// A partition is attached with all its constraints and indexes, so that PostgreSQL makes none of its own. An index of a
/// partitioned table is made after its parts, which it then takes; but one that is not complete is made after the
/// partitions are attached, since attaching would complete it.
fn connect_partitions(things: &[Thing<'_>], graph: &mut Graph) {
    for (place, thing) in things.iter().enumerate() {
        match thing {
            Thing::Attach(table, partition) => {
                for object in whole_table(table) {
                    graph.connect_place(place, &object);
                }
                let parent = graph.place(&Object::Table(partition.parent.clone()));
                if let Some(Thing::Table(parent)) = parent.map(|parent| &things[parent]) {
                    connect_attaching(graph, place, parent);
                }
            }
            Thing::Index(_, index) => {
                let whole = index.part_of.clone().map(Object::Index);
                if let Some(whole) = whole.and_then(|whole| graph.place(&whole)) {
                    graph.connect_places(whole, place);
                }
            }
            Thing::Trigger(_, trigger) if !trigger.parts.is_empty() => {
                let places = things.iter().enumerate();
                let places = places.filter(|(_, it)| matches!(it, Thing::Attach(..)));
                places.for_each(|(attaching, _)| graph.connect_places(place, attaching));
            }
            Thing::Constraint(_, constraint) => {
                let whole = constraint.as_key().and_then(|key| key.part_of.clone());
                if let Some(whole) = whole.and_then(|whole| graph.place(&Object::Index(whole))) {
                    graph.connect_places(whole, place);
                }
            }
            Thing::AttachIndex(it) => {
                graph.connect_place(place, &Object::Index(it.whole.clone()));
                let constraint = Part::new(it.parent.clone(), &it.whole.name);
                graph.connect_place(place, &Object::Constraint(constraint));
            }
            _ => {}
        }
    }
}

fn connect_attaching(graph: &mut Graph, attaching: usize, parent: &Table) {
    graph.connect_place(attaching, &Object::Table(parent.name.clone()));
    for constraint in &parent.constraints {
        let object = Object::Constraint(Part::new(parent.name.clone(), &constraint.name));
        match graph.place(&object) {
            Some(incomplete) if !constraint.is_complete() => {
                graph.connect_places(incomplete, attaching)
            }
            Some(needed) => graph.connect_places(attaching, needed),
            None => {}
        }
    }
    for index in parent.indexes.iter().filter(|index| !index.valid) {
        if let Some(incomplete) = graph.place(&Object::Index(parent.name.sibling(&index.name))) {
            graph.connect_places(incomplete, attaching);
        }
    }
}
