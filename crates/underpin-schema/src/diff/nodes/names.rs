//! Names that only one thing at a time can have.

use crate::QualifiedName;
use crate::create::Thing;
use crate::diff::compare::sequence_of;

/// The names that a thing takes among the relations and types of its schema.
pub(super) fn taken_by(thing: &Thing<'_>) -> Vec<QualifiedName> {
    match thing {
        Thing::Enum(it) => vec![it.name.clone()],
        Thing::Domain(it) => vec![it.name.clone()],
        Thing::Composite(it) => vec![it.name.clone()],
        Thing::Range(it) => vec![it.name.clone()],
        Thing::Sequence(it) => vec![it.name.clone()],
        Thing::View(it) => vec![it.name.clone()],
        Thing::MaterialisedView(it) => vec![it.name.clone()],
        Thing::Index(table, it) => vec![table.sibling(&it.name)],
        Thing::Table(it) => {
            let keys = it
                .constraints
                .iter()
                .filter(|constraint| constraint.has_index());
            let keys = keys.map(|constraint| it.name.sibling(&constraint.name));
            let sequences = it
                .columns
                .iter()
                .filter_map(|column| sequence_of(it, column));
            std::iter::once(it.name.clone())
                .chain(keys)
                .chain(sequences)
                .collect()
        }
        Thing::Column(table, it) => sequence_of(table, it).into_iter().collect(),
        Thing::Constraint(table, it) if it.has_index() => vec![table.name.sibling(&it.name)],
        _ => Vec::new(),
    }
}
