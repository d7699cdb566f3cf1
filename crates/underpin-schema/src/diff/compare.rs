//! One thing on both sides: is it the same, can it be changed, or must it be made anew?

mod column;
mod constraint;
mod identity;
mod index;
mod options;
mod relation;
mod routine;
mod sequence;
mod table;
mod types;

pub(super) use column::{called_not_null, change_type, differences_from_parent};
pub(super) use identity::sequence_of;
pub(super) use index::{plain as plain_index, rest_again, statistics_again};
pub(super) use relation::target_again;
pub(super) use routine::parts_again;
pub(super) use table::settings_for_index;

use super::change::{Change, ChangeKind};
use super::side::Side;
use crate::create::{Note, Thing};
use crate::{Grant, Object};
use std::collections::BTreeSet;

/// What has to happen to a thing that both sides have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// These changes, none when it is the same.
    Alter(Vec<Change>),
    /// Dropped, and made again.
    Replace,
}

/// Compares what a thing is on two sides; what it needs is not looked at.
pub(super) fn compare(from: &Thing<'_>, to: &Thing<'_>, sides: (&Side<'_>, &Side<'_>)) -> Verdict {
    if is_same(from, to, sides.0) {
        return Verdict::Alter(owner_change(to, sides).into_iter().collect());
    }
    let changes = match (from, to) {
        (Thing::Namespace(_), Thing::Namespace(_)) => Some(Vec::new()),
        (Thing::Extension(from), Thing::Extension(to)) => types::extension(from, to),
        (Thing::Collation(from), Thing::Collation(to)) => {
            (from.options == to.options).then(Vec::new)
        }
        (Thing::Enum(from), Thing::Enum(to)) => types::enum_type(from, to),
        (Thing::Domain(from), Thing::Domain(to)) => types::domain(from, to),
        (Thing::DomainDefault(from), Thing::DomainDefault(to)) => {
            Some(types::domain_default(from, to))
        }
        (Thing::DomainCheck(_, from), Thing::DomainCheck(domain, to)) => {
            types::domain_check(from, domain, to)
        }
        (Thing::Composite(from), Thing::Composite(to)) => types::composite(from, to),
        (Thing::Range(from), Thing::Range(to)) => types::range(from, to),
        (Thing::Sequence(from), Thing::Sequence(to)) => Some(sequence::sequence(from, to)),
        (Thing::Ownership(from), Thing::Ownership(to)) => Some(sequence::ownership(from, to)),
        (Thing::Function(from), Thing::Function(to)) => routine::function(from, to),
        (Thing::Table(from), Thing::Table(to)) => table::table(from, to),
        (Thing::TableSettings(from), Thing::TableSettings(to)) => Some(table::settings(from, to)),
        (Thing::Column(of, from), Thing::Column(table, to)) => {
            column::column((of, from), (table, to), sides)
        }
        (Thing::Default(_, from), Thing::Default(table, to)) => {
            Some(column::default(from, table, to))
        }
        (Thing::Constraint(_, from), Thing::Constraint(table, to)) => {
            constraint::constraint(from, table, to)
        }
        (Thing::Index(of, from), Thing::Index(table, to)) if of == table => {
            let name = table.sibling(&to.name);
            let is_invalid = |side: &Side<'_>| side.catalog.invalid_indexes.contains(&name);
            index::index(from, table, to, is_invalid(sides.0) && !is_invalid(sides.1))
        }
        (Thing::Attach(_, from), Thing::Attach(_, to)) => (from == to).then(Vec::new),
        (Thing::View(from), Thing::View(to)) => relation::view(from, to),
        (Thing::MaterialisedView(from), Thing::MaterialisedView(to)) => {
            relation::materialised_view(from, to)
        }
        (Thing::Rule(_, from), Thing::Rule(table, to)) => routine::rule(from, table, to),
        (Thing::Trigger(_, from), Thing::Trigger(table, to)) => {
            routine::trigger(from, table, to, sides)
        }
        (Thing::Policy(_, from), Thing::Policy(table, to)) => routine::policy(from, table, to),
        (Thing::Statistics(from), Thing::Statistics(to)) => relation::statistics(from, to),
        (Thing::DefaultPrivileges(from), Thing::DefaultPrivileges(to)) => {
            Some(options::default_privileges(from, to))
        }
        (Thing::AttachIndex(from), Thing::AttachIndex(to)) => {
            (from.whole == to.whole).then(Vec::new)
        }
        (Thing::Inherit(..), Thing::Inherit(..))
        | (Thing::Tie(_), Thing::Tie(_))
        | (Thing::Member(_), Thing::Member(_)) => Some(Vec::new()),
        _ => None,
    };
    match changes {
        Some(mut changes) => {
            changes.extend(note_changes(Some(from), to, owner_of(to, sides.0)));
            changes.extend(owner_change(to, sides));
            Verdict::Alter(changes)
        }
        None => Verdict::Replace,
    }
}

/// Are the facts equal? Most of them are, and to find the changes of each takes longer.
fn is_same(from: &Thing<'_>, to: &Thing<'_>, side: &Side<'_>) -> bool {
    match (from, to) {
        (Thing::Table(from), Thing::Table(to))
        | (Thing::TableSettings(from), Thing::TableSettings(to)) => from == to,
        (Thing::Column(_, from), Thing::Column(_, to))
        | (Thing::Default(_, from), Thing::Default(_, to)) => from == to,
        (Thing::Constraint(_, from), Thing::Constraint(_, to)) => from == to,
        // An index is known by its name alone: it may have gone to another table.
        (Thing::Index(one, from), Thing::Index(other, to)) => {
            let is_invalid = || {
                side.catalog
                    .invalid_indexes
                    .contains(&one.sibling(&from.name))
            };
            one == other && from == to && !is_invalid()
        }
        (Thing::Function(from), Thing::Function(to)) => from == to,
        (Thing::View(from), Thing::View(to)) => from == to,
        _ => false,
    }
}

/// The change of an owner that both sides know; an owned sequence goes with its table.
pub(super) fn owner_change(to: &Thing<'_>, sides: (&Side<'_>, &Side<'_>)) -> Option<Change> {
    let object = to.object();
    let (before, wanted) = (sides.0.owners.of(&object)?, sides.1.owners.of(&object)?);
    let goes_along = matches!(to, Thing::Sequence(it) if it.owned_by.is_some());
    if before == wanted || goes_along || !to.is_main() {
        return None;
    }
    let give = to.give_to(wanted)?;
    Some(Change::new(object, ChangeKind::Access, vec![give]))
}

/// What has to be said again when PostgreSQL makes something anew by itself, and gives it to whoever runs the statement.
pub(super) fn owner_again(to: &Thing<'_>, side: &Side<'_>) -> Vec<Change> {
    let object = to.object();
    let give = side.owners.of(&object).and_then(|owner| to.give_to(owner));
    let change = give.map(|sql| Change::new(object, ChangeKind::Access, vec![sql]));
    change.into_iter().collect()
}

/// Comments and privileges that differ. Those of a table's columns are told by the columns, those of a domain's
/// conditions by these. `owner` is named where it is
/// known: who runs the plan may be another role.
pub(super) fn note_changes(
    from: Option<&Thing<'_>>,
    to: &Thing<'_>,
    owner: Option<&str>,
) -> Vec<Change> {
    let before = from.map(Thing::noted).unwrap_or_default();
    let own = |notes: Vec<Note<'_>>| match to {
        Thing::Table(_) | Thing::Domain(_) => 1,
        _ => notes.len(),
    };
    let count = own(to.noted());
    let lost = from
        .map(|from| lost_privileges(from, to))
        .unwrap_or_default();
    let noted = to.noted().into_iter().take(count).enumerate();
    let statements = noted.flat_map(|(place, note)| {
        let before = match to {
            // Itself and its sequence, which may have had another name.
            Thing::Column(..) => before.get(place),
            _ => before.iter().find(|before| before.target == note.target),
        };
        note.since(before, &lost, owner)
    });
    let changes = statements.map(|statement| {
        let kind = match statement.starts_with("COMMENT ON") {
            true => ChangeKind::Alter,
            false => ChangeKind::Access,
        };
        Change::new(to.object(), kind, vec![statement])
    });
    changes.collect()
}

/// The owner of a thing, or of the table or the view that it is a column of.
pub(super) fn owner_of<'s>(thing: &Thing<'_>, side: &'s Side<'_>) -> Option<&'s str> {
    let object = match thing {
        Thing::Column(table, _) => Object::Table(table.name.clone()),
        _ => thing.object(),
    };
    side.owners.of(&object)
}

/// What is revoked on the relation that has these columns.
fn lost_privileges(from: &Thing<'_>, to: &Thing<'_>) -> BTreeSet<Grant> {
    let privileges = match (from, to) {
        (Thing::Column(from, _), Thing::Column(to, _)) => (&from.privileges, &to.privileges),
        (Thing::View(from), Thing::View(to)) => (&from.privileges, &to.privileges),
        (Thing::MaterialisedView(from), Thing::MaterialisedView(to)) => {
            (&from.privileges, &to.privileges)
        }
        _ => return BTreeSet::new(),
    };
    privileges.1.since(privileges.0).revoked
}
