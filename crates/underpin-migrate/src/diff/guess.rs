//! What looks like a rename that nobody declared.

use super::allow::UNDECLARED_RENAME;
use crate::Error;
use underpin_core::ErrorKind;
use underpin_schema::{Catalog, Change, ChangeKind, Object, Table};

/// Asks instead of guessing: a rename that is done as a drop and an addition loses all values.
pub(super) fn check(changes: &[Change], from: &Catalog, to: &Catalog) -> Result<(), Error> {
    let Some((what, old, new)) = column(changes, from).or_else(|| table(changes, from, to)) else {
        return Ok(());
    };
    let message = format!("{what}: {old} is dropped and {new} is added, which looks like a rename");
    Err(Error::new(ErrorKind::Refused, message).with_hint(format!(
        "when it is one, write #[model(renamed_from = \"{old}\")] in the model, or -- @renamed from={old} beside {new} in \
         SQL; when they have nothing in common, add --allow {UNDECLARED_RENAME}"
    )))
}

fn dropped(changes: &[Change]) -> impl Iterator<Item = &Object> {
    let drops = changes
        .iter()
        .filter(|change| change.kind == ChangeKind::Drop);
    drops.map(|change| &change.object)
}

fn column(changes: &[Change], from: &Catalog) -> Option<(String, String, String)> {
    changes.iter().find_map(|change| {
        let ChangeKind::AddColumn(table, new) = &change.kind else {
            return None;
        };
        let before = from.schema.tables.get(table)?;
        let old = dropped(changes).find_map(|object| match object {
            Object::Column(part) if part.of == *table => {
                let old = before.columns.get(&part.name)?;
                (old.data_type == new.data_type).then_some(&part.name)
            }
            _ => None,
        })?;
        Some((
            format!("{table}, type {}", new.data_type),
            old.clone(),
            new.name.clone(),
        ))
    })
}

fn table(changes: &[Change], from: &Catalog, to: &Catalog) -> Option<(String, String, String)> {
    let is_new = |change: &&Change| change.kind == ChangeKind::Create;
    changes.iter().filter(is_new).find_map(|change| {
        let Object::Table(name) = &change.object else {
            return None;
        };
        let new = to
            .schema
            .tables
            .get(name)
            .filter(|_| !from.schema.tables.contains(name))?;
        let old = dropped(changes).find_map(|object| match object {
            Object::Table(old) if !to.schema.tables.contains(old) => from
                .schema
                .tables
                .get(old)
                .filter(|old| are_alike(old, new)),
            _ => None,
        })?;
        Some((
            format!("schema {}", name.schema),
            old.name.name.clone(),
            name.name.clone(),
        ))
    })
}

/// Are most of their columns the same?
fn are_alike(old: &Table, new: &Table) -> bool {
    let is_shared = |column: &&underpin_schema::Column| {
        let other = new.columns.get(&column.name);
        other.is_some_and(|other| other.data_type == column.data_type)
    };
    let shared = old.columns.iter().filter(is_shared).count();
    shared >= 2 && shared * 4 >= old.columns.len().max(new.columns.len()) * 3
}
