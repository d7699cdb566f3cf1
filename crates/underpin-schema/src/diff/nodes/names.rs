//! Names that only one thing at a time can have.

use crate::create::Thing;
use crate::diff::compare::{called_not_null, sequence_of};
use crate::{Part, QualifiedName};

/// A name, and what it is unique among.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Name {
    /// The relations and types of a schema.
    Relation(QualifiedName),
    /// The constraints of a table.
    Constraint(Part),
}

/// The names that a thing takes. Those that its parts take are told by the parts.
pub(super) fn taken_by(thing: &Thing<'_>) -> Vec<Name> {
    let relation = |name: &QualifiedName| vec![Name::Relation(name.clone())];
    match thing {
        Thing::Enum(it) => relation(&it.name),
        Thing::Domain(it) => relation(&it.name),
        Thing::Composite(it) => relation(&it.name),
        Thing::Range(it) => relation(&it.name),
        Thing::Sequence(it) => relation(&it.name),
        Thing::View(it) => relation(&it.name),
        Thing::MaterialisedView(it) => relation(&it.name),
        Thing::Table(it) => relation(&it.name),
        Thing::Index(table, it) => vec![Name::Relation(table.sibling(&it.name))],
        Thing::Column(table, it) => {
            let not_null = it.not_null.iter();
            let not_null = not_null.map(|not_null| called_not_null(table, &it.name, not_null));
            let not_null =
                not_null.map(|name| Name::Constraint(Part::new(table.name.clone(), name)));
            let sequence = sequence_of(table, it).map(Name::Relation);
            sequence.into_iter().chain(not_null).collect()
        }
        Thing::Constraint(table, it) => {
            let constraint = Name::Constraint(Part::new(table.name.clone(), &it.name));
            let index = it
                .has_index()
                .then(|| Name::Relation(table.name.sibling(&it.name)));
            index.into_iter().chain([constraint]).collect()
        }
        _ => Vec::new(),
    }
}
