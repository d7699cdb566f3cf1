//! Indexes of partitioned tables that are made on their table alone, and given their parts one by one.
//!
//! To a whole index PostgreSQL makes or takes a part in each partition: the first that fits, whatever its name is. That
//! is the right one only as long as no other fits; and what it makes, it makes while nobody writes. An index that is made
//! on its table alone has the parts that it is given, and none before: it is written as one that is not complete.

use crate::facts::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The indexes and keys of partitioned tables, by table and name, that have to be put together.
pub(crate) type Assembled = BTreeSet<Part>;

/// Those for which PostgreSQL could take another part than theirs.
pub(crate) fn ambiguous(schema: &Schema) -> Assembled {
    let mut all = Assembled::new();
    for (parent, partitions) in partitions(schema) {
        for whole in candidates(parent) {
            let is_ambiguous = |partition: &&Table| {
                let fitting = candidates(partition).filter(|part| part.fits(&whole));
                fitting.count() > 1
            };
            if partitions.iter().any(is_ambiguous) {
                all.insert(Part::new(parent.name.clone(), whole.name));
            }
        }
    }
    all
}

/// Those of tables that already have a partition in another schema, whose rows nobody should have to wait for.
pub(crate) fn over_partitions_of(before: &Schema, schema: &Schema) -> Assembled {
    let mut all = Assembled::new();
    for (parent, partitions) in partitions(schema) {
        let was_there = |partition: &&Table| {
            let before = before.tables.get(&partition.name);
            let before = before.and_then(|it| it.partition.as_ref());
            before.is_some_and(|it| it.parent == parent.name)
        };
        if partitions.iter().any(was_there) {
            all.extend(candidates(parent).map(|it| Part::new(parent.name.clone(), it.name)));
        }
    }
    all
}

/// The schema in which these are not complete.
pub(crate) fn taken_apart<'a>(schema: &'a Schema, all: &Assembled) -> Cow<'a, Schema> {
    let mut schema = Cow::Borrowed(schema);
    for part in all {
        let Some(table) = schema.to_mut().tables.get_mut(&part.of) else {
            continue;
        };
        if let Some(index) = table.indexes.get_mut(&part.name) {
            index.valid = false;
        } else if let Some(constraint) = table.constraints.get_mut(&part.name)
            && let ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) =
                &mut constraint.kind
        {
            key.complete = false;
        }
    }
    schema
}

/// Would an index of a partition become a part of one of the partitioned table's?
pub(crate) fn could_be_part(index: &Index, parent: &Table) -> bool {
    let part = of_index(index);
    candidates(parent).any(|whole| part.fits(&whole))
}

/// Has a partitioned table another index, the parts of which would fit this one too?
pub(crate) fn has_rival(table: &Table, name: &str) -> bool {
    let mut all = candidates(table);
    let whole = candidates(table).find(|it| it.name == name);
    whole.is_some_and(|whole| all.any(|other| other.name != name && other.fits(&whole)))
}

/// Could an index be taken for that of a key as it is?
pub(crate) fn is_index_of_key(index: &Index, key: &Key) -> bool {
    let is_usual = |key: &IndexKey| {
        key.order == SortOrder::Ascending && key.nulls == NullsOrder::default_of(key.order)
    };
    shape(index) == shape_of_key(key)
        && index.keys.iter().all(is_usual)
        && index.valid
        && index.part_of.is_none()
        && !key.without_overlaps
        && (&index.parameters, &index.tablespace) == (&key.parameters, &key.tablespace)
}

/// The partitioned tables with the partitions they have.
fn partitions(schema: &Schema) -> Vec<(&Table, Vec<&Table>)> {
    let mut all: BTreeMap<&QualifiedName, Vec<&Table>> = BTreeMap::new();
    for table in &schema.tables {
        if let Some(partition) = &table.partition {
            all.entry(&partition.parent).or_default().push(table);
        }
    }
    let all = all.into_iter();
    all.filter_map(|(parent, parts)| Some((schema.tables.get(parent)?, parts)))
        .collect()
}

/// An index, as PostgreSQL compares it with others to find a part.
struct Candidate<'a> {
    name: &'a str,
    shape: Shape<'a>,
    /// None when no key rests on it.
    is_primary: Option<bool>,
}

/// Order, storage parameters and tablespace do not matter to it.
#[derive(PartialEq)]
struct Shape<'a> {
    method: &'a str,
    unique: bool,
    nulls_distinct: bool,
    keys: Vec<ShapeOfKey<'a>>,
    include: &'a [String],
    predicate: Option<&'a str>,
}

#[derive(PartialEq)]
struct ShapeOfKey<'a> {
    is_expression: bool,
    text: &'a str,
    collation: Option<&'a QualifiedName>,
    operator_class: Option<&'a QualifiedName>,
}

/// The indexes of a table that can be, or have, parts.
fn candidates(table: &Table) -> impl Iterator<Item = Candidate<'_>> {
    let indexes = table.indexes.iter().map(of_index);
    let keys = table.constraints.iter().filter_map(|constraint| {
        let key = constraint.as_key().filter(|key| !key.without_overlaps)?;
        Some(Candidate {
            name: &constraint.name,
            shape: shape_of_key(key),
            is_primary: Some(matches!(constraint.kind, ConstraintKind::PrimaryKey(_))),
        })
    });
    indexes.chain(keys)
}

fn of_index(index: &Index) -> Candidate<'_> {
    Candidate {
        name: &index.name,
        shape: shape(index),
        is_primary: None,
    }
}

impl Candidate<'_> {
    /// Would it be taken for a part? That of a key must be under a key of its kind.
    fn fits(&self, whole: &Self) -> bool {
        let is_of_kind = whole.is_primary.is_none() || whole.is_primary == self.is_primary;
        is_of_kind && self.shape == whole.shape
    }
}

fn shape(index: &Index) -> Shape<'_> {
    let keys = index.keys.iter().map(|key| {
        let (is_expression, text) = match &key.target {
            Target::Column(name) => (false, name),
            Target::Expression(text) => (true, text),
        };
        ShapeOfKey {
            is_expression,
            text,
            collation: key.collation.as_ref(),
            operator_class: key.operator_class.as_ref().map(|class| &class.name),
        }
    });
    Shape {
        method: &index.method,
        unique: index.unique,
        nulls_distinct: index.nulls_distinct,
        keys: keys.collect(),
        include: &index.include,
        predicate: index.predicate.as_deref(),
    }
}

fn shape_of_key(key: &Key) -> Shape<'_> {
    let keys = key.columns.iter().map(|column| ShapeOfKey {
        is_expression: false,
        text: column,
        collation: None,
        operator_class: None,
    });
    Shape {
        method: "btree",
        unique: true,
        nulls_distinct: key.nulls_distinct,
        keys: keys.collect(),
        include: &key.include,
        predicate: None,
    }
}
