//! Changes in forms that let others go on reading and writing.

mod backfill;
mod constraint;
mod index;
mod interim;
mod not_null;

use super::hazard::Hazard;
use super::route::{Demand, Role, Step};
use super::turns::few_turns;
use crate::sql::{TokenKind, tokens};
use std::cell::RefCell;
use std::collections::BTreeSet;
use underpin_schema::{Catalog, Change, ChangeKind, Object, Plan, QualifiedName, Table, TableKind};

/// What the forms depend on.
pub(super) struct Context<'a> {
    pub(super) from: &'a Catalog,
    pub(super) to: &'a Catalog,
    form: Form,
    volatile: &'a BTreeSet<String>,
    /// What has been said of access: several statements about one object change it together.
    told: RefCell<BTreeSet<String>>,
}

impl Context<'_> {
    fn hazard(&self, change: &Change) -> Option<Hazard> {
        let hazard = Hazard::of(change, (self.from, self.to))?;
        let is_new = !hazard.is_access
            || self
                .told
                .borrow_mut()
                .insert(format!("{} {}", hazard.rule, hazard.loses));
        is_new.then_some(hazard)
    }

    /// Was there a table, or a materialised view, before? A new one has no rows and nobody who waits.
    fn was_there(&self, table: &QualifiedName) -> bool {
        let schema = &self.from.schema;
        schema.tables.contains(table) || schema.materialised_views.contains(table)
    }

    /// Does a change lock nothing but tables that nobody knows yet?
    fn is_about_new_table(&self, change: &Change) -> bool {
        let table = match (&change.kind, &change.object) {
            (ChangeKind::CreateIndex(table, _) | ChangeKind::AddConstraint(table, _), _) => {
                Some(table)
            }
            (ChangeKind::Create | ChangeKind::Alter | ChangeKind::Access, Object::Table(table)) => {
                Some(table)
            }
            (_, object) => object.whole(),
        };
        let is_new = |table: &QualifiedName| {
            !self.was_there(table) && !self.is_view(table) && !self.is_domain(table)
        };
        table.is_some_and(is_new) && self.locked_beside(change).all(is_new)
    }

    /// The other tables that a change locks: those that its foreign keys point to, and what a new table is a part of.
    fn locked_beside<'c>(&'c self, change: &'c Change) -> impl Iterator<Item = &'c QualifiedName> {
        let added = match &change.kind {
            ChangeKind::AddConstraint(_, it) => Some(&**it),
            _ => None,
        };
        let created = match (&change.kind, &change.object) {
            (ChangeKind::Create, Object::Table(table)) => self.to.schema.tables.get(table),
            _ => None,
        };
        let constraints = created.into_iter().flat_map(|it| it.constraints.iter());
        let keys = constraints
            .chain(added)
            .filter_map(|it| it.as_foreign_key());
        keys.map(|it| &it.table)
            .chain(created.into_iter().flat_map(parents))
    }

    fn is_view(&self, name: &QualifiedName) -> bool {
        self.from.schema.views.contains(name)
    }

    /// Columns of any table may have it as their type.
    fn is_domain(&self, name: &QualifiedName) -> bool {
        self.from.schema.domains.contains(name)
    }

    /// Does an expression call a function that gives each row another value?
    fn is_volatile(&self, expression: &str) -> bool {
        let calls = expression.match_indices('(').map(|(end, _)| {
            let before = expression[..end].trim_end_matches('"');
            let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            &before[before.trim_end_matches(is_part).len()..]
        });
        calls.into_iter().any(|name| self.volatile.contains(name))
    }

    /// Is its index one of all partitions?
    fn is_partitioned(&self, table: &QualifiedName) -> bool {
        let table = self.to.schema.tables.get(table);
        table.is_some_and(|table| table.kind != TableKind::Plain)
    }
}

/// The tables that a new one is made a part of.
fn parents(table: &Table) -> impl Iterator<Item = &QualifiedName> {
    table
        .inherits
        .iter()
        .chain(table.partition.as_ref().map(|it| &it.parent))
}

/// How much a change may stand in the way of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As little as can be. Some statements then run outside a transaction.
    Beside,
    /// As much as it takes for all statements to share a transaction.
    Together,
}

/// The statements of all changes, in an order with few turns between those that run alone and others. `volatile` are the names
/// of functions that give another value each time.
pub(super) fn steps(
    plan: &Plan,
    (from, to): (&Catalog, &Catalog),
    form: Form,
    volatile: &BTreeSet<String>,
) -> Vec<Step> {
    let context = Context {
        from,
        to,
        form,
        volatile,
        told: RefCell::default(),
    };
    let kept = match form {
        Form::Beside => interim::without_used(&plan.changes, &context),
        Form::Together => plan.changes.iter().collect(),
    };
    let mut kept = kept.into_iter().peekable();
    let steps = plan.changes.iter().map(|change| {
        let is_kept = kept.next_if(|it| std::ptr::eq(*it, change));
        is_kept
            .map(|change| safe(change, &context))
            .unwrap_or_default()
    });
    few_turns(steps.collect(), &plan.after)
}

fn safe(change: &Change, context: &Context<'_>) -> Vec<Step> {
    let steps = match &change.kind {
        _ if context.form == Form::Together => None,
        ChangeKind::CreateIndex(table, index) => index::create(change, table, index, context),
        ChangeKind::DropIndex(name) => index::drop(change, name, context),
        ChangeKind::ReplaceIndex(table, index) => index::replace(change, table, index, context),
        ChangeKind::RebuildIndex(_) => index::rebuild(change),
        ChangeKind::AddConstraint(table, it) => constraint::add(change, table, it, context),
        ChangeKind::SetNotNull(part) => not_null::set(change, part, context),
        ChangeKind::AddColumn(table, it) => backfill::add(change, table, it, context),
        _ => None,
    };
    let is_plain = steps.is_none();
    let mut steps = steps.unwrap_or_else(|| plain(change));
    if context.is_about_new_table(change) {
        steps.iter_mut().for_each(|step| step.lock = None);
    }
    if let Some(first) = steps.first_mut() {
        first.hazard = context.hazard(change);
        first.notes.extend(notes(change));
        if is_plain && rewrites_for_default(change, context) {
            first.notes.push(String::from(
                "writes every row again while nobody reads or writes, as triggers, rules or other tables would see an UPDATE in \
                 batches: on a big table add the column without the default, set the default, and fill it by hand",
            ));
        }
        if let Some(label) = label(change, &first.sql) {
            first.role = Role::AddsLabel(label);
        }
        first.demand = first.demand.take().or_else(|| demand(change, context));
        first
            .notes
            .extend(first.demand.as_ref().map(Demand::to_string));
    }
    steps
}

/// The label that a statement adds to an enum, as it is quoted there.
fn label(change: &Change, sql: &str) -> Option<String> {
    let tokens = (change.kind == ChangeKind::AddEnumValue).then(|| tokens(sql))?;
    let literal = tokens.iter().find(|it| it.kind == TokenKind::Literal)?;
    Some(String::from(&sql[literal.start..literal.end]))
}

/// The statements as they are.
fn plain(change: &Change) -> Vec<Step> {
    let statements = change.statements.iter();
    statements
        .map(|sql| Step::new(change.object.clone(), sql))
        .collect()
}

fn notes(change: &Change) -> Option<String> {
    let note = match &change.kind {
        ChangeKind::ChangeType(_, true) => {
            "writes every row again while nobody reads or writes: on a big table add a column, write both, fill it in batches, \
             and let it take the place"
        }
        ChangeKind::RebuildIndex(_) => {
            "INVALID: left by a build that failed or that is still under way; a unique index fails again while there are \
             duplicates"
        }
        ChangeKind::Rewrite => "writes every row again while nobody reads or writes",
        ChangeKind::AddColumn(_, column) if column.identity.is_some() => {
            "numbers every row while nobody reads or writes"
        }
        ChangeKind::AddColumn(_, column)
            if column.generated.as_ref().is_some_and(|it| it.stored) =>
        {
            "computes every row while nobody reads or writes"
        }
        ChangeKind::AddEnumValue => "the new value cannot be used before this is committed",
        _ => return None,
    };
    Some(note.to_owned())
}

/// Does a new column get another value in each row, all in one statement?
fn rewrites_for_default(change: &Change, context: &Context<'_>) -> bool {
    match &change.kind {
        ChangeKind::AddColumn(table, column) => {
            let default = column.default.as_deref();
            context.was_there(table) && default.is_some_and(|it| context.is_volatile(it))
        }
        _ => false,
    }
}

fn demand(change: &Change, context: &Context<'_>) -> Option<Demand> {
    match &change.kind {
        ChangeKind::AddColumn(table, column)
            if column.not_null.is_some()
                && column.default.is_none()
                && column.identity.is_none()
                && column.generated.is_none()
                && context.was_there(table) =>
        {
            Some(Demand::NoRows(table.clone(), column.name.clone()))
        }
        _ => None,
    }
}
