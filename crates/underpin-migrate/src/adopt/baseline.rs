//! One migration in the place of many, when those are a program and their SQL cannot be had.

use super::history::{Applied, Table};
use super::project::{Change, Project};
use crate::files::Version;
use crate::{Error, diff};
use std::collections::BTreeMap;
use std::fmt::Write;
use underpin_core::ErrorKind;
use underpin_pool::Options;

/// What its name says after that of the newest migration in it.
const SUFFIX: &str = " and all before it";

/// Replaces what is applied by one migration that makes the database as it is, where SQL is lacking.
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
    let lacks = |it: &&Change| it.up.is_none() && !recorded.contains_key(&it.name);
    let (done, pending): (Vec<_>, Vec<_>) = project
        .changes
        .iter()
        .filter(lacks)
        .partition(|it| applied.contains_key(&it.key));
    if let Some(change) = pending.first() {
        let message = format!(
            "{} is not applied, and its SQL cannot be had",
            change.file.display()
        );
        return Err(Error::new(ErrorKind::Refused, message)
            .with_hint(format!("let {tool} apply it first, then adopt")));
    }
    let newest = project
        .changes
        .iter()
        .rposition(|it| applied.contains_key(&it.key));
    let Some(newest) = newest.filter(|_| !done.is_empty()) else {
        return Ok(());
    };
    let Some(last) = project.changes.get(newest).cloned() else {
        return Ok(());
    };
    let name = format!("{}{SUFFIX}", last.name);
    let count = applied.len();
    let up = if recorded.contains_key(&name) {
        None
    } else if let Some(earlier) = recorded.keys().next_back() {
        let message = format!(
            "{tool} has applied {} since it was taken over (up to {earlier}), and its SQL cannot be had",
            last.file.display()
        );
        return Err(Error::new(ErrorKind::Refused, message).with_hint(
            "write the same change as a migration of Underpin's (`underpin migrate new`) and record it with `underpin \
             migrate stamp`",
        ));
    } else {
        project.notes.push(format!(
            "the {count} applied migrations of {tool} are no SQL: one baseline of the database as it is stands for them"
        ));
        Some(write(options, table).await?)
    };
    let at = applied.get(&last.key).copied().flatten();
    project.changes.truncate(newest + 1);
    project.changes.retain(|it| !applied.contains_key(&it.key));
    applied.clear();
    applied.insert(last.key.clone(), at);
    project.changes.push(Change {
        name,
        slug: String::from("baseline"),
        up,
        down: None,
        ..last
    });
    Ok(())
}

/// The statements that make the database as it is, without the tool's own table.
async fn write(options: &Options, table: &Table) -> Result<String, Error> {
    let mut catalog = diff::read(options).await?;
    catalog.schema.tables.remove(&table.name);
    let mut text = String::from("-- The schema as it was when it was taken over.\n");
    for statement in catalog.create_sql() {
        write!(text, "\n{};\n", statement.sql).expect("a string takes everything");
    }
    Ok(text)
}
