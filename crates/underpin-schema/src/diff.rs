//! From one schema to another: what has to be changed, in which order.

mod change;
mod compare;
mod drop;
mod fate;
mod needs;
mod nodes;
mod rename;
mod side;
mod swap;
mod type_change;

pub use change::{Change, ChangeKind, Plan};
pub use rename::{Rename, implied_renames};

use crate::create::{Thing, all_things, ambiguous, named, over_partitions_of, taken_apart};
use crate::{Catalog, Object, Owners};
use fate::Fates;
use side::Side;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The changes that turn one schema into another, each after what it needs.
///
/// What stands in the way of a change, such as a view over a column whose type changes, is dropped before and made
/// again after it. Names are taken as identity: see [`implied_renames`] for what is the same under another name.
///
/// A plan is a proposal: some pairs have no way from one to the other. Apply it to a copy, and compare.
///
/// # Example
/// ```
/// use underpin_schema::{Catalog, Column, QualifiedName, Table, diff};
///
/// let notes = Table::new(QualifiedName::new("public", "notes")).column(Column::new("id", "uuid"));
/// let (mut from, mut to) = (Catalog::default(), Catalog::default());
/// from.schema.tables.insert(notes.clone());
/// to.schema.tables.insert(notes.column(Column::new("title", "text")));
///
/// let changes = diff(&from, &to);
/// assert_eq!(changes[0].statements, ["ALTER TABLE public.notes ADD COLUMN title text"]);
/// assert!(diff(&to, &to).is_empty());
/// ```
#[must_use]
pub fn diff(from: &Catalog, to: &Catalog) -> Vec<Change> {
    plan(from, to).changes
}

/// The same, with what each change has to wait for: all others may be made in another order.
#[must_use]
pub fn plan(from: &Catalog, to: &Catalog) -> Plan {
    let to = &told_apart(from, to);
    let owners = wanted_owners(from, to);
    let (from, to) = (Side::new(from, &from.owners), Side::new(to, &owners));
    let fates = Fates::decide(&from, &to);
    nodes::plan(&from, &to, &fates)
}

/// Who owns what after the changes of [`diff`], as far as the two sides know: what is made again keeps its owner.
#[must_use]
pub fn wanted_owners(from: &Catalog, to: &Catalog) -> Owners {
    if from.owners.is_empty() && to.owners.is_empty() {
        return Owners::default();
    }
    let objects = |catalog: &Catalog| -> BTreeSet<Object> {
        let things = all_things(&catalog.schema);
        things.iter().map(Thing::object).collect()
    };
    let (before, after) = (objects(from), objects(to));
    Owners::after(
        &from.owners,
        &to.owners,
        |it| after.contains(it),
        |it| after.contains(it) && !before.contains(it),
    )
}

/// The new side, told so that PostgreSQL has no choice: which index is a part of which, and what a NOT NULL is called.
fn told_apart<'a>(from: &Catalog, to: &'a Catalog) -> Cow<'a, Catalog> {
    let mut all = over_partitions_of(&from.schema, &to.schema);
    all.append(&mut ambiguous(&to.schema));
    match named(taken_apart(&to.schema, &all), &from.schema) {
        Cow::Borrowed(_) => Cow::Borrowed(to),
        Cow::Owned(schema) => Cow::Owned(Catalog {
            schema,
            dependencies: to.dependencies.clone(),
            unknown_options: to.unknown_options.clone(),
            owners: to.owners.clone(),
            invalid_indexes: to.invalid_indexes.clone(),
            unpopulated: to.unpopulated.clone(),
            needing_unmodelled: to.needing_unmodelled.clone(),
            needed_by_unmodelled: to.needed_by_unmodelled.clone(),
        }),
    }
}
