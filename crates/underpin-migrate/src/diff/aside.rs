//! What cannot be made in a copy of a live database is set aside, with everything that needs it.

use std::collections::BTreeSet;
use underpin_schema::{Catalog, Object, Part, QualifiedName, Schema};

/// Objects that are neither copied nor compared by their facts.
pub(super) type Aside = BTreeSet<Object>;

/// Objects, and what needs them in a catalog, however many steps away.
pub(super) fn with_dependants(catalog: &Catalog, objects: &Aside) -> Aside {
    let schema = &catalog.schema;
    let mut all = Aside::new();
    let mut open: Vec<Object> = objects.iter().map(|it| made_with(schema, it)).collect();
    while let Some(object) = open.pop() {
        if all.contains(&object) {
            continue;
        }
        let needing = catalog.dependencies.iter();
        let needing =
            needing.filter(|(_, needed)| **needed == object || is_part_of(needed, &object));
        open.extend(needing.map(|(dependant, _)| made_with(schema, dependant)));
        open.extend(below(schema, &object));
        all.insert(object);
    }
    all
}

/// What objects need in a catalog, however many steps away.
pub(super) fn needed_by(catalog: &Catalog, objects: &Aside) -> Aside {
    let mut all = Aside::new();
    let mut open: Vec<Object> = objects.iter().cloned().collect();
    while let Some(object) = open.pop() {
        let needs = catalog.dependencies.iter();
        let needs = needs.filter(|(it, _)| **it == object || is_part_of(it, &object));
        let needs = needs.map(|(_, needed)| made_with(&catalog.schema, needed));
        open.extend(needs.filter(|it| all.insert(it.clone())));
    }
    all
}

/// A catalog without some objects.
pub(super) fn without(catalog: &Catalog, aside: &Aside) -> Catalog {
    let mut catalog = catalog.clone();
    for object in aside {
        remove(&mut catalog.schema, object);
    }
    catalog
}

/// The object that something is made with: the table of a column.
fn made_with(schema: &Schema, object: &Object) -> Object {
    let (Object::Column(Part { of, .. }) | Object::Default(Part { of, .. })) = object else {
        return object.clone();
    };
    let of = of.clone();
    if schema.views.contains(&of) {
        Object::View(of)
    } else if schema.materialised_views.contains(&of) {
        Object::MaterialisedView(of)
    } else if schema.composites.contains(&of) {
        Object::Type(of)
    } else {
        Object::Table(of)
    }
}

/// Does it go with that relation or type?
fn is_part_of(part: &Object, whole: &Object) -> bool {
    let (Object::Table(name)
    | Object::View(name)
    | Object::MaterialisedView(name)
    | Object::Type(name)) = whole
    else {
        return false;
    };
    part.whole() == Some(name)
}

/// What is below a table, or goes with it.
fn below(schema: &Schema, object: &Object) -> Vec<Object> {
    let Object::Table(name) = object else {
        return Vec::new();
    };
    let tables = schema.tables.iter().filter(|it| {
        let parent = it.partition.as_ref().map(|it| &it.parent);
        parent == Some(name) || it.inherits.contains(name)
    });
    let tables = tables.map(|it| Object::Table(it.name.clone()));
    let is_owned = |owner: &Option<Part>| owner.as_ref().is_some_and(|it| it.of == *name);
    let sequences = schema.sequences.iter().filter(|it| is_owned(&it.owned_by));
    let sequences = sequences.map(|it| Object::Sequence(it.name.clone()));
    tables.chain(sequences).collect()
}

fn remove(schema: &mut Schema, object: &Object) {
    match object {
        Object::Namespace(name) => drop(schema.namespaces.remove(name)),
        Object::Extension(name) => drop(schema.extensions.remove(name)),
        Object::Collation(name) => drop(schema.collations.remove(name)),
        Object::Type(name) => {
            schema.enums.remove(name);
            schema.domains.remove(name);
            schema.composites.remove(name);
            schema.ranges.remove(name);
        }
        Object::Sequence(name) => drop(schema.sequences.remove(name)),
        Object::Function(signature) => drop(schema.functions.remove(signature)),
        Object::Table(name) => drop(schema.tables.remove(name)),
        Object::View(name) => drop(schema.views.remove(name)),
        Object::MaterialisedView(name) => drop(schema.materialised_views.remove(name)),
        Object::Statistics(name) => drop(schema.statistics.remove(name)),
        Object::Index(name) => remove_index(schema, name),
        Object::Constraint(part) => {
            if let Some(table) = schema.tables.get_mut(&part.of) {
                table.constraints.remove(&part.name);
            }
            if let Some(domain) = schema.domains.get_mut(&part.of) {
                domain.checks.remove(&part.name);
            }
        }
        Object::Trigger(part) | Object::Rule(part) | Object::Policy(part) => {
            remove_part(schema, object, part);
        }
        // Never alone: see `made_with`.
        Object::Column(_) | Object::Default(_) | Object::DefaultPrivileges => {}
    }
}

fn remove_index(schema: &mut Schema, name: &QualifiedName) {
    let tables = schema.tables.iter_mut();
    for table in tables.filter(|it| it.name.schema == name.schema) {
        table.indexes.remove(&name.name);
    }
    let views = schema.materialised_views.iter_mut();
    for view in views.filter(|it| it.name.schema == name.schema) {
        view.indexes.remove(&name.name);
    }
}

fn remove_part(schema: &mut Schema, object: &Object, part: &Part) {
    let view = schema.views.get_mut(&part.of);
    let of_view = view.map(|it| (&mut it.triggers, &mut it.rules));
    let table = schema.tables.get_mut(&part.of);
    let of_table = match table {
        Some(table) => {
            if matches!(object, Object::Policy(_)) {
                table.policies.remove(&part.name);
            }
            Some((&mut table.triggers, &mut table.rules))
        }
        None => None,
    };
    for (triggers, rules) in of_view.into_iter().chain(of_table) {
        if matches!(object, Object::Trigger(_)) {
            triggers.remove(&part.name);
        }
        if matches!(object, Object::Rule(_)) {
            rules.remove(&part.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use underpin_schema::{Column, Constraint, ForeignKey, Sequence, Table};

    fn public(name: &str) -> QualifiedName {
        QualifiedName::new("public", name)
    }

    #[test]
    fn what_needs_a_part_goes_with_the_whole() {
        let mut catalog = Catalog::default();
        let notes = Table::new(public("notes")).column(Column::new("place", "public.point3"));
        let key = ForeignKey::new(["note"], public("notes"), ["place"]);
        let marks = Table::new(public("marks"))
            .column(Column::new("note", "integer"))
            .constraint(Constraint::foreign_key("marks_note_fkey", key));
        let mut sequence = Sequence::new(public("notes_seq"));
        sequence.owned_by = Some(Part::new(public("notes"), "place"));
        catalog.schema.tables.extend([notes, marks]);
        catalog.schema.sequences.insert(sequence);
        let place = Object::Column(Part::new(public("notes"), "place"));
        let key = Object::Constraint(Part::new(public("marks"), "marks_note_fkey"));
        catalog.dependencies.insert(key.clone(), place.clone());

        let aside = with_dependants(&catalog, &Aside::from([place]));
        let notes = Object::Table(public("notes"));
        let sequence = Object::Sequence(public("notes_seq"));
        assert_eq!(aside, Aside::from([notes, key, sequence]));

        let left = without(&catalog, &aside).schema;
        assert!(left.tables.get(&public("notes")).is_none());
        let marks = left.tables.get(&public("marks")).expect("it stays");
        assert!(marks.constraints.is_empty());
        assert!(left.sequences.is_empty());
    }
}
