//! The same under another name.

use super::compare::plain_index;
use crate::{
    Catalog, Constraint, Index, Object, Origin, Part, QualifiedName, Table, quote_identifier,
    quote_literal,
};
use serde::Serialize;

/// Something that gets another name. The first name is the old one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rename {
    /// A table.
    Table(QualifiedName, String),
    /// A column of a table.
    Column(Part, String),
    /// An enum or another type.
    Type(QualifiedName, String),
    /// A label of an enum.
    Label(Part, String),
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
        let whole = |kind: &str, old: &QualifiedName, new: &str| {
            format!("ALTER {kind} {old} RENAME TO {}", quote_identifier(new))
        };
        let part = |kind: &str, old: &Part, new: &str| {
            let (table, old, new) = (&old.of, quote_identifier(&old.name), quote_identifier(new));
            format!("ALTER TABLE {table} RENAME {kind} {old} TO {new}")
        };
        match self {
            Self::Table(old, new) => whole("TABLE", old, new),
            Self::Type(old, new) => whole("TYPE", old, new),
            Self::Index(old, new) => whole("INDEX", old, new),
            Self::Sequence(old, new) => whole("SEQUENCE", old, new),
            Self::Column(old, new) => part("COLUMN", old, new),
            Self::Constraint(old, new) => part("CONSTRAINT", old, new),
            Self::Label(old, new) => {
                let (from, to) = (quote_literal(&old.name), quote_literal(new));
                format!("ALTER TYPE {} RENAME VALUE {from} TO {to}", old.of)
            }
        }
    }

    /// The way back. Of several renames the last is taken back first.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let whole = |old: &QualifiedName, new: &String| (old.sibling(new), old.name.clone());
        let part = |old: &Part, new: &String| (Part::new(old.of.clone(), new), old.name.clone());
        let of_whole = |make: fn(QualifiedName, String) -> Self, old, new| {
            let (old, new) = whole(old, new);
            make(old, new)
        };
        let of_part = |make: fn(Part, String) -> Self, old, new| {
            let (old, new) = part(old, new);
            make(old, new)
        };
        match self {
            Self::Table(old, new) => of_whole(Self::Table, old, new),
            Self::Type(old, new) => of_whole(Self::Type, old, new),
            Self::Index(old, new) => of_whole(Self::Index, old, new),
            Self::Sequence(old, new) => of_whole(Self::Sequence, old, new),
            Self::Column(old, new) => of_part(Self::Column, old, new),
            Self::Label(old, new) => of_part(Self::Label, old, new),
            Self::Constraint(old, new) => of_part(Self::Constraint, old, new),
        }
    }

    /// What gets another name, by its old one.
    #[must_use]
    pub fn object(&self) -> Object {
        match self {
            Self::Table(name, _) => Object::Table(name.clone()),
            Self::Type(name, _) => Object::Type(name.clone()),
            Self::Label(part, _) => Object::Type(part.of.clone()),
            Self::Column(part, _) => Object::Column(part.clone()),
            Self::Constraint(part, _) => Object::Constraint(part.clone()),
            Self::Index(name, _) => Object::Index(name.clone()),
            Self::Sequence(name, _) => Object::Sequence(name.clone()),
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
    renames.retain(|rename| match rename {
        Rename::Constraint(part, name) => !is_relation(from, &part.of.sibling(name)),
        Rename::Index(old, name) | Rename::Sequence(old, name) => {
            !is_relation(from, &old.sibling(name))
        }
        _ => true,
    });
    renames
}

fn constraints(old: &Table, new: &Table, renames: &mut Vec<Rename>) {
    let plain = |it: &Constraint| Constraint {
        name: String::new(),
        comment: None,
        index_comment: None,
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
    let plain = |it: &Index| Index {
        name: String::new(),
        parameters: it.parameters.clone(),
        ..plain_index(it)
    };
    let gone = |it: &&Index| !new.indexes.contains(&it.name);
    let mut left: Vec<&Index> = old.indexes.iter().filter(gone).collect();
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
