//! The same under another name.

use super::compare::plain_index;
use crate::{Catalog, Constraint, Origin, Part, QualifiedName, Table, quote_identifier};
use serde::Serialize;

/// Something that gets another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rename {
    /// A constraint of a table, with its index.
    Constraint(Part, String),
    /// An index.
    Index(QualifiedName, String),
    /// A sequence.
    Sequence(QualifiedName, String),
}

impl Rename {
    /// The statement, without a semicolon.
    #[must_use]
    pub fn sql(&self) -> String {
        match self {
            Self::Constraint(part, name) => {
                let (old, new) = (quote_identifier(&part.name), quote_identifier(name));
                format!("ALTER TABLE {} RENAME CONSTRAINT {old} TO {new}", part.of)
            }
            Self::Index(index, name) => {
                format!("ALTER INDEX {index} RENAME TO {}", quote_identifier(name))
            }
            Self::Sequence(sequence, name) => {
                format!(
                    "ALTER SEQUENCE {sequence} RENAME TO {}",
                    quote_identifier(name)
                )
            }
        }
    }
}

/// What differs in its name only and holds no data of its own: constraints, indexes, sequences of `serial` columns.
///
/// Nothing can be lost by renaming these, and building them again takes long.
#[must_use]
pub fn implied_renames(from: &Catalog, to: &Catalog) -> Vec<Rename> {
    let mut renames = Vec::new();
    for new in &to.schema.tables {
        if let Some(old) = from.schema.tables.get(&new.name) {
            constraints(old, new, &mut renames);
            indexes(old, new, &mut renames);
        }
    }
    for new in to
        .schema
        .sequences
        .iter()
        .filter(|it| it.owned_by.is_some())
    {
        let mut olds = from.schema.sequences.iter();
        let old =
            olds.find(|old| old.owned_by == new.owned_by && old.name.schema == new.name.schema);
        let taken = from.schema.sequences.contains(&new.name);
        if let Some(old) = old.filter(|old| !taken && !to.schema.sequences.contains(&old.name)) {
            renames.push(Rename::Sequence(old.name.clone(), new.name.name.clone()));
        }
    }
    let taken = |name: &QualifiedName| is_relation(from, name);
    renames.retain(|rename| match rename {
        Rename::Constraint(part, name) => !taken(&part.of.sibling(name)),
        Rename::Index(index, name) => !taken(&index.sibling(name)),
        Rename::Sequence(sequence, name) => !taken(&sequence.sibling(name)),
    });
    renames
}

fn constraints(old: &Table, new: &Table, renames: &mut Vec<Rename>) {
    let plain = |it: &Constraint| Constraint {
        name: String::new(),
        comment: None,
        origin: Origin::Own,
        ..it.clone()
    };
    let gone = |it: &&Constraint| it.origin == Origin::Own && !new.constraints.contains(&it.name);
    let mut left: Vec<&Constraint> = old.constraints.iter().filter(gone).collect();
    for constraint in new
        .constraints
        .iter()
        .filter(|it| !old.constraints.contains(&it.name))
    {
        if let Some(place) = left.iter().position(|old| plain(old) == plain(constraint)) {
            let part = Part::new(old.name.clone(), &left.remove(place).name);
            renames.push(Rename::Constraint(part, constraint.name.clone()));
        }
    }
}

fn indexes(old: &Table, new: &Table, renames: &mut Vec<Rename>) {
    let plain = |it: &crate::Index| crate::Index {
        name: String::new(),
        parameters: it.parameters.clone(),
        ..plain_index(it)
    };
    let gone = |it: &&crate::Index| !new.indexes.contains(&it.name);
    let mut left: Vec<&crate::Index> = old.indexes.iter().filter(gone).collect();
    for index in new
        .indexes
        .iter()
        .filter(|it| !old.indexes.contains(&it.name))
    {
        if let Some(place) = left.iter().position(|old| plain(old) == plain(index)) {
            let name = old.name.sibling(&left.remove(place).name);
            renames.push(Rename::Index(name, index.name.clone()));
        }
    }
}

/// Is there a relation of this name?
fn is_relation(catalog: &Catalog, name: &QualifiedName) -> bool {
    let schema = &catalog.schema;
    let has_index = |table: &Table| {
        table.name.schema == name.schema
            && (table.indexes.contains(&name.name) || table.constraints.contains(&name.name))
    };
    schema.tables.contains(name)
        || schema.views.contains(name)
        || schema.materialised_views.contains(name)
        || schema.sequences.contains(name)
        || schema.tables.iter().any(has_index)
}
