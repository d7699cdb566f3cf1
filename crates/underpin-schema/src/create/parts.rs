//! Indexes of partitions that have to be given their place.

use crate::facts::*;

/// An index of a partition, and that of the partitioned table, which is not complete.
pub(crate) struct PartOfIndex<'a> {
    pub(crate) parent: &'a QualifiedName,
    pub(crate) part: QualifiedName,
    pub(crate) whole: QualifiedName,
}

/// The parts of indexes that are not complete. One that is complete takes its parts by itself.
pub(crate) fn parts_of_incomplete(schema: &Schema) -> Vec<PartOfIndex<'_>> {
    let mut parts = Vec::new();
    for table in &schema.tables {
        let Some(parent) = table
            .partition
            .as_ref()
            .and_then(|it| schema.tables.get(&it.parent))
        else {
            continue;
        };
        let mut add = |part: &str, whole: &str| {
            parts.push(PartOfIndex {
                parent: &parent.name,
                part: table.name.sibling(part),
                whole: parent.name.sibling(whole),
            });
        };
        for index in &table.indexes {
            let whole = index
                .part_of
                .as_ref()
                .and_then(|whole| parent.indexes.get(&whole.name));
            if let Some(whole) = whole.filter(|whole| !whole.valid) {
                add(&index.name, &whole.name);
            }
        }
        for constraint in table.constraints.iter().filter(|it| !it.origin.is_own()) {
            let columns = |it: &Constraint| it.as_key().map(|key| key.columns.clone());
            let mut wholes = parent
                .constraints
                .iter()
                .filter(|whole| !whole.is_complete());
            if let Some(whole) = wholes.find(|whole| columns(whole) == columns(constraint)) {
                add(&constraint.name, &whole.name);
            }
        }
    }
    parts
}
