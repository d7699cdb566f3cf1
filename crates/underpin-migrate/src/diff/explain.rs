//! Which object differs, with both definitions; and what no plan can do.

use crate::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use underpin_core::ErrorKind;
use underpin_schema::{Catalog, Facts, Object, Origin, Owners, Schema, Unmodelled};

/// At most this many objects are told.
const OBJECTS_MAX: usize = 5;

/// The objects that differ, or their owners as far as both sides know them; None when both are the same.
pub(crate) fn differing(wanted: &Catalog, found: &Catalog) -> Option<String> {
    differing_facts(wanted, found).or_else(|| differing_owners(&wanted.owners, &found.owners))
}

/// The objects that have another owner, as far as both sides know.
pub(super) fn differing_owners(wanted: &Owners, found: &Owners) -> Option<String> {
    let mut text = String::new();
    for (object, wanted, found) in wanted.differing(found).take(OBJECTS_MAX) {
        let _ = writeln!(
            text,
            "{object} has another owner\nwanted: {wanted}\nfound:  {found}"
        );
    }
    (!text.is_empty()).then(|| text.trim_end().to_owned())
}

/// The objects that differ; None when the schemas are equal.
pub(super) fn differing_facts(wanted: &Catalog, found: &Catalog) -> Option<String> {
    if wanted.schema == found.schema {
        return None;
    }
    let beyond = beyond(&wanted.schema.unmodelled, &found.schema.unmodelled);
    let (wanted, found) = (definitions(wanted), definitions(found));
    let mut objects: Vec<&Object> = wanted.keys().chain(found.keys()).collect();
    objects.sort();
    objects.dedup();
    objects.retain(|object| wanted.get(object) != found.get(object));
    let mut text = String::new();
    let nothing = String::from("nothing");
    for object in objects.iter().take(OBJECTS_MAX) {
        let (wanted, found) = (wanted.get(object), found.get(object));
        let (wanted, found) = (wanted.unwrap_or(&nothing), found.unwrap_or(&nothing));
        let _ = writeln!(text, "{object} differs");
        let (without, beyond) = (only_in(wanted, found), only_in(found, wanted));
        let _ = match without.is_empty() && beyond.is_empty() {
            true => write!(text, "wanted: {wanted}\nfound:  {found}\n"),
            false => write!(
                text,
                "{}{}",
                lines("wanted: ", &without),
                lines("found:  ", &beyond)
            ),
        };
    }
    if objects.len() > OBJECTS_MAX {
        let _ = writeln!(text, "and {} more", objects.len() - OBJECTS_MAX);
    }
    for line in beyond.iter().take(OBJECTS_MAX) {
        let _ = writeln!(text, "{line}");
    }
    if beyond.len() > OBJECTS_MAX {
        let _ = writeln!(text, "and {} more", beyond.len() - OBJECTS_MAX);
    }
    if text.is_empty() {
        text.push_str(
            "something differs that no statement tells, such as where a column is inherited from",
        );
    }
    Some(text.trim_end().to_owned())
}

/// What has no facts and differs.
fn beyond(wanted: &Facts<Unmodelled>, found: &Facts<Unmodelled>) -> Vec<String> {
    let missing = wanted.iter().filter_map(|it| {
        let Some(other) = found.get(&it.description) else {
            return Some(format!("{} is missing", it.description));
        };
        let columns = it.fingerprint.differing(&other.fingerprint);
        (it != other).then(|| match columns.is_empty() {
            true => format!("{} differs", it.description),
            false => format!("{} differs ({})", it.description, columns.join(", ")),
        })
    });
    let added = found.iter().filter(|it| !wanted.contains(&it.description));
    let added = added.map(|it| format!("{} was not there", it.description));
    missing.chain(added).collect()
}

/// The lines that another text has not.
fn only_in<'t>(text: &'t str, other: &str) -> Vec<&'t str> {
    let others: BTreeSet<&str> = other.lines().map(bare).collect();
    text.lines()
        .map(bare)
        .filter(|line| !others.contains(line))
        .collect()
}

/// A line without what depends on its place.
fn bare(line: &str) -> &str {
    line.trim().trim_end_matches(',')
}

fn lines(before: &str, lines: &[&str]) -> String {
    lines
        .iter()
        .map(|line| format!("{before}{line}\n"))
        .collect()
}

/// Refuses a table that is to give up its columns to a parent it did not have: PostgreSQL lets it keep them only.
pub(super) fn refuse_inheriting(start: &Schema, goal: &Schema) -> Result<(), Error> {
    for (new, old) in goal
        .tables
        .iter()
        .filter_map(|new| Some((new, start.tables.get(&new.name)?)))
    {
        let Some(parent) = new.inherits.iter().find(|it| !old.inherits.contains(it)) else {
            continue;
        };
        let given_up = new.columns.iter().filter(|column| {
            let before = old.columns.get(&column.name);
            column.origin == Origin::Inherited && before.is_some_and(|it| it.origin == Origin::Own)
        });
        let given_up: Vec<&str> = given_up.map(|column| column.name.as_str()).collect();
        if given_up.is_empty() {
            continue;
        }
        let (table, columns) = (&new.name, given_up.join(", "));
        let message = format!(
            "table {table} has columns of its own, {columns}, and PostgreSQL lets no table give them up to a new parent"
        );
        return Err(Error::new(ErrorKind::Refused, message).with_hint(format!(
            "declare them in {table} too, beside INHERITS ({parent}): a table keeps its columns when it begins to inherit"
        )));
    }
    Ok(())
}

/// The statements that make each object, without owners, which one side may not know.
pub(super) fn definitions(catalog: &Catalog) -> BTreeMap<Object, String> {
    let catalog = Catalog {
        owners: Owners::default(),
        ..catalog.clone()
    };
    let mut all: BTreeMap<Object, String> = BTreeMap::new();
    for statement in catalog.create_sql() {
        let text = all.entry(statement.object).or_default();
        let _ = write!(text, "{};", statement.sql);
    }
    all
}
