//! What needs what, as far as the facts themselves tell.

use super::order::Graph;
use super::thing::Thing;
use crate::facts::*;
use crate::{Dependencies, Object};

/// Connects what no database has to be asked about.
pub(super) fn connect(things: &[Thing<'_>], graph: &mut Graph) {
    for (place, thing) in things.iter().enumerate() {
        for needed in needed_by(thing) {
            graph.connect_place(place, &needed);
        }
    }
    connect_partitions(things, graph);
}

fn needed_by(thing: &Thing<'_>) -> Vec<Object> {
    let mut needed = Vec::new();
    needed.extend(namespace_of(thing).map(|name| Object::Namespace(name.to_owned())));
    match thing {
        Thing::Table(table) => needed.extend(table.inherits.iter().cloned().map(Object::Table)),
        Thing::Constraint(_, constraint) => {
            let key = constraint.as_foreign_key();
            needed.extend(key.map(|key| Object::Table(key.table.clone())));
        }
        Thing::Index(table, _) => {
            needed.push(Object::Table((*table).clone()));
            needed.push(Object::MaterialisedView((*table).clone()));
        }
        Thing::TableSettings(table) => needed.extend(whole_table(table)),
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

/// The table with its constraints and indexes.
fn whole_table(table: &Table) -> Vec<Object> {
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

/// What the texts of types and queries mention: for a schema that no database has seen.
pub(super) fn mentions(schema: &Schema) -> Dependencies {
    let mut found = Dependencies::default();
    let mut look = |dependant: Object, text: &str, among: &[Object]| {
        for object in among.iter().filter(|object| is_mentioned(object, text)) {
            found.insert(dependant.clone(), object.clone());
        }
    };
    let tables: Vec<Object> = schema
        .tables
        .iter()
        .map(|it| Object::Table(it.name.clone()))
        .collect();
    let types = types(schema);
    let views = views(schema);
    for it in &schema.domains {
        look(Object::Type(it.name.clone()), &it.data_type, &types);
    }
    for it in &schema.ranges {
        look(Object::Type(it.name.clone()), &it.subtype, &types);
    }
    for it in &schema.composites {
        for attribute in &it.attributes {
            look(Object::Type(it.name.clone()), &attribute.data_type, &types);
        }
    }
    for it in &schema.tables {
        for column in &it.columns {
            look(Object::Table(it.name.clone()), &column.data_type, &tables);
        }
    }
    for it in &schema.functions {
        look(
            Object::Function(it.signature.clone()),
            &it.arguments,
            &tables,
        );
        look(
            Object::Function(it.signature.clone()),
            it.returns.as_deref().unwrap_or_default(),
            &tables,
        );
    }
    for it in &schema.views {
        look(Object::View(it.name.clone()), &it.definition, &views);
    }
    for it in &schema.materialised_views {
        look(
            Object::MaterialisedView(it.name.clone()),
            &it.definition,
            &views,
        );
    }
    found
}

fn types(schema: &Schema) -> Vec<Object> {
    let enums = schema.enums.iter().map(|it| &it.name);
    let domains = schema.domains.iter().map(|it| &it.name);
    let composites = schema.composites.iter().map(|it| &it.name);
    let ranges = schema.ranges.iter().map(|it| &it.name);
    enums
        .chain(domains)
        .chain(composites)
        .chain(ranges)
        .cloned()
        .map(Object::Type)
        .collect()
}

fn views(schema: &Schema) -> Vec<Object> {
    let views = schema.views.iter().map(|it| Object::View(it.name.clone()));
    let materialised = schema.materialised_views.iter();
    views
        .chain(materialised.map(|it| Object::MaterialisedView(it.name.clone())))
        .collect()
}

/// Does a text contain the whole name, as SQL writes it?
fn is_mentioned(object: &Object, text: &str) -> bool {
    let (Object::Type(name)
    | Object::Table(name)
    | Object::View(name)
    | Object::MaterialisedView(name)) = object
    else {
        return false;
    };
    let name = name.to_string();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(&name).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + name.len()..]);
        !before.ends_with(is_word) && !after.starts_with(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_mentioned() {
        let check = |text: &str, expected| {
            let mood = Object::Type(QualifiedName::new("public", "mood"));
            assert_eq!(is_mentioned(&mood, text), expected, "{text}");
        };
        check("public.mood[]", true);
        check("public.moody", false);
        check("republic.mood", false);
    }
}
