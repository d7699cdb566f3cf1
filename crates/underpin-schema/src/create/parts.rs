//! Indexes of partitions, and their places in those of their tables.

use crate::facts::*;

/// An index of a partition, by itself or under a key, and that of the partitioned table which it is a part of.
pub(crate) struct PartOfIndex<'a> {
    pub(crate) parent: &'a QualifiedName,
    pub(crate) partition: &'a QualifiedName,
    pub(crate) part: QualifiedName,
    pub(crate) whole: QualifiedName,
    /// Does the whole take its parts by itself? One that is not complete does not.
    pub(crate) is_taken: bool,
}

/// All parts of indexes.
pub(crate) fn parts(schema: &Schema) -> Vec<PartOfIndex<'_>> {
    let mut parts = Vec::new();
    for table in &schema.tables {
        let Some(parent) = table
            .partition
            .as_ref()
            .and_then(|it| schema.tables.get(&it.parent))
        else {
            continue;
        };
        let mut add = |part: &str, whole: &str, is_taken: bool| {
            parts.push(PartOfIndex {
                parent: &parent.name,
                partition: &table.name,
                part: table.name.sibling(part),
                whole: parent.name.sibling(whole),
                is_taken,
            });
        };
        for index in &table.indexes {
            let whole = index.part_of.as_ref();
            if let Some(whole) = whole.and_then(|whole| parent.indexes.get(&whole.name)) {
                add(&index.name, &whole.name, whole.valid);
            }
        }
        for (part, key) in table
            .constraints
            .iter()
            .filter_map(|it| Some((it, it.as_key()?)))
        {
            let whole = key.part_of.as_ref();
            if let Some(whole) = whole.and_then(|whole| parent.indexes.get(&whole.name)) {
                add(&part.name, &whole.name, whole.valid);
            }
        }
        for part in table.constraints.iter().filter(|it| !it.origin.is_own()) {
            let mut wholes = parent.constraints.iter().filter(|it| it.as_key().is_some());
            if let Some(whole) = wholes.find(|whole| is_part_of(part, whole)) {
                add(&part.name, &whole.name, whole.is_complete());
            }
        }
    }
    parts
}

/// Does a constraint of a partition, or of a table that inherits, come from this one of its parent?
pub(crate) fn is_part_of(part: &Constraint, whole: &Constraint) -> bool {
    match (&part.kind, &whole.kind) {
        (ConstraintKind::Check(_), ConstraintKind::Check(_)) => part.name == whole.name,
        (ConstraintKind::PrimaryKey(_), ConstraintKind::PrimaryKey(_)) => true,
        (ConstraintKind::Unique(part), ConstraintKind::Unique(whole)) => {
            part.columns == whole.columns && part.include == whole.include
        }
        (ConstraintKind::ForeignKey(part), ConstraintKind::ForeignKey(whole)) => part == whole,
        (ConstraintKind::Exclusion(part), ConstraintKind::Exclusion(whole)) => part == whole,
        _ => false,
    }
}
