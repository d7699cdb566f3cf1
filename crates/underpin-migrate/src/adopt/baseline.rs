//! One migration in the place of many, when those are a program and their SQL cannot be had.

use super::history::{Applied, Table};
use super::project::{Change, Project};
use crate::files::Version;
use crate::{Error, diff};
use std::collections::BTreeMap;
use std::fmt::Write;
use underpin_core::ErrorKind;
use underpin_pool::Options;
use underpin_schema::Catalog;

/// Replaces what is applied by one migration that makes the database as it is, where SQL is lacking; what an earlier
/// adoption replaced stays so.
///
/// # Errors
/// [`ErrorKind::Refused`] when SQL is lacking of one that is not applied, or was applied after an earlier adoption.
pub(super) async fn stand_in(
    options: &Options,
    table: &Table,
    project: &mut Project,
    applied: &mut Applied,
    recorded: &BTreeMap<String, Version>,
) -> Result<(), Error> {
    let tool = table.tool;
    let is_earlier = |it: &Change| recorded.contains_key(&name_of(it));
    if let Some(last) = project.changes.iter().rposition(is_earlier) {
        replace(project, applied, last, None);
    }
    let lacks = |it: &&Change| it.up.is_none() && !recorded.contains_key(&it.name);
    let lacking: Vec<&Change> = project.changes.iter().filter(lacks).collect();
    if let Some(change) = lacking.iter().find(|it| !applied.contains_key(&it.key)) {
        let message = format!(
            "{} is not applied, and its SQL cannot be had",
            change.file.display()
        );
        return Err(Error::new(ErrorKind::Refused, message)
            .with_hint(format!("let {tool} apply it first, then adopt")));
    }
    let Some(change) = lacking.last() else {
        return Ok(());
    };
    if !recorded.is_empty() {
        let message = format!(
            "{tool} has applied {} since it was taken over, and its SQL cannot be had",
            change.file.display()
        );
        return Err(Error::new(ErrorKind::Refused, message).with_hint(
            "write the same change as a migration of Underpin's (`underpin migrate new`) and record it with `underpin \
             migrate stamp`",
        ));
    }
    project.notes.push(format!(
        "no SQL of {tool}'s applied migrations ({}): one baseline of the schema as it is stands for them; rows that they \
         wrote are not in it",
        applied.len()
    ));
    let catalog = current(options, table).await?;
    for missing in catalog.schema.unmodelled.iter().filter(|it| it.is_told()) {
        let name = &missing.description;
        project.notes.push(format!(
            "not in the baseline, because no plan makes it: {name}; add what makes it by hand"
        ));
    }
    let text = write(&catalog);
    let is_applied = |it: &Change| applied.contains_key(&it.key);
    if let Some(last) = project.changes.iter().rposition(is_applied) {
        replace(project, applied, last, Some(text));
    }
    Ok(())
}

/// The name of the baseline that ends with a migration.
fn name_of(last: &Change) -> String {
    format!("{} and all before it", last.name)
}

/// Puts one migration in the place of all that are applied up to `last`.
fn replace(project: &mut Project, applied: &mut Applied, last: usize, up: Option<String>) {
    let behind = project.changes.split_off(last + 1);
    let Some(newest) = project.changes.last().cloned() else {
        return;
    };
    let at = applied.get(&newest.key).copied().flatten();
    // What is not applied stays; it is SQL, or it would have been refused.
    project
        .changes
        .retain(|it| applied.remove(&it.key).is_none());
    applied.insert(newest.key.clone(), at);
    project.changes.push(Change {
        name: name_of(&newest),
        slug: String::from("baseline"),
        up,
        down: None,
        ..newest
    });
    project.changes.extend(behind);
}

/// The database as it is, without the tool's own table.
async fn current(options: &Options, table: &Table) -> Result<Catalog, Error> {
    let mut catalog = diff::read(options).await?;
    catalog.schema.tables.remove(&table.name);
    Ok(catalog)
}

/// The statements that make a database so; what cannot be made is named.
fn write(catalog: &Catalog) -> String {
    let mut text = String::from("-- The schema as it was when it was taken over.\n");
    for missing in catalog.schema.unmodelled.iter().filter(|it| it.is_told()) {
        let name = missing.description.replace(['\n', '\r'], " ");
        writeln!(text, "-- not in this file: {name}").expect("a string takes everything");
    }
    for statement in catalog.create_sql() {
        write!(text, "\n{};\n", statement.sql).expect("a string takes everything");
    }
    text
}
