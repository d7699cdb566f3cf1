//! Looks at one statement of a way back in the transaction that runs it: what would it take away, and what has it?
//!
//! The server is asked, not the text. A statement that drops something is tried in a savepoint, and the catalog before is
//! compared with the catalog after, by oid: so the search path in force, renames, schemas, `CASCADE` along any dependency,
//! foreign keys and partitions are all as the server sees them. Rows that go by DELETE, UPDATE, MERGE, triggers, rules and
//! foreign keys are counted by the server itself while the statement runs (`pg_stat_get_xact_tuples_deleted`).

use super::called;
use super::doomed::{self, Doomed};
use super::measure::{self, is_passing, reason};
use super::seen::{ColumnId, Gone, Id, Kind, Made, Seen};
use super::{Loss, Lost};
use crate::execute::execute;
use crate::sql::{Effect, NewType, Overwrites, Statement, Takes, Work};
use std::collections::{BTreeMap, BTreeSet};
use underpin_pool::{Error, Transaction};

/// A column of a table, its children included, as a name means it now.
const COLUMN: &str = "\
WITH RECURSIVE family (id) AS (
    SELECT to_regclass($1)::oid UNION SELECT i.inhrelid FROM family AS f JOIN pg_inherits AS i ON i.inhparent = f.id)
SELECT a.attrelid, a.attnum FROM family AS f
JOIN pg_attribute AS a ON a.attrelid = f.id AND a.attnum > 0 AND NOT a.attisdropped
WHERE a.attname = (parse_ident($2))[1]::name";

const FAMILY: &str = "\
WITH RECURSIVE family (id) AS (
    SELECT to_regclass($1)::oid UNION SELECT i.inhrelid FROM family AS f JOIN pg_inherits AS i ON i.inhparent = f.id)
SELECT id FROM family WHERE id IS NOT NULL";

/// What trying a statement has shown.
#[derive(Debug, Default)]
pub(super) struct Forecast {
    pub(super) gone: Gone,
    /// Tables and columns that go.
    pub(super) doomed: Vec<Doomed>,
    /// Columns that get another type: this one, when the statement says so itself.
    pub(super) casts: Vec<(Doomed, Option<NewType>)>,
    /// Why the rest is not known: it fails, for example.
    pub(super) trouble: Option<String>,
    /// Does it fail, so that it takes nothing?
    pub(super) fails: bool,
}

/// The rows of the table that an UPDATE names, counted by its own condition.
#[derive(Debug)]
pub(super) struct Overwritten {
    family: BTreeSet<Id>,
    table: Id,
    count: u64,
}

/// Why nobody can tell what a statement does before it has run; None when that can be found out.
pub(super) async fn unknown(
    tx: &Transaction<'_>,
    statement: &Statement,
    effect: &Effect,
) -> Result<Option<String>, Error> {
    if let Effect::Unknown(why) = effect {
        return Ok(Some(String::from(*why)));
    }
    let called = called::volatile(tx, statement).await?;
    Ok(called.map(|it| format!("it calls {it}, which may change anything")))
}

/// Does a table keep its rows when it gets another file?
pub(super) fn rewrites(statement: &Statement) -> bool {
    let kind = statement.kind();
    kind.is_some_and(|it| it.starts_with("ALTER ") || it.starts_with("CREATE EXTENSION"))
}

/// Tries a statement that may take data away, and takes it back.
pub(super) async fn forecast(
    tx: &Transaction<'_>,
    statement: &Statement,
    takes: &Takes,
    before: &Seen,
    made: &Made,
) -> Result<Forecast, Error> {
    let trial = tx.savepoint().await?;
    let tried = match execute(&trial, statement).await {
        Ok(_) => Seen::take(&trial).await,
        Err(error) => Err(error),
    };
    trial.rollback().await?;
    let mut families = Vec::with_capacity(takes.types.len());
    for new in &takes.types {
        families.push((new, family_of_column(tx, &new.table, &new.column).await?));
    }
    let (mut gone, mut trouble) = (Gone::default(), None);
    let fails = tried.is_err();
    match tried {
        Ok(after) => {
            if takes.truncates && writes_elsewhere(before, &after) {
                trouble = Some(String::from(
                    "it empties a foreign table, whose rows are elsewhere",
                ));
            }
            gone = before.gone(&after, rewrites(statement));
        }
        Err(error) if is_passing(&error) => return Err(error),
        Err(error) => {
            trouble = Some(format!("it fails when it is tried: {}", reason(&error)));
            for (table, column) in &takes.columns {
                gone.columns
                    .extend(family_of_column(tx, table, column).await?);
            }
        }
    }
    // Also when it fails, which may be for the values that do not fit, and when the type only looks like another one.
    let columns = families.iter().flat_map(|(_, family)| family);
    gone.retyped.extend(columns.copied());
    let doomed = doomed::find(tx, &gone, before, made).await?;
    let retyped = doomed::of_columns(&gone.retyped, before, made);
    let casts = retyped.into_iter().map(|it| {
        let column = (it.table, it.column.unwrap_or_default());
        let mut families = families.iter();
        let new = families.find(|(_, family)| family.contains(&column));
        let new = new.map(|(new, _)| NewType::clone(new));
        (it, new)
    });
    Ok(Forecast {
        gone,
        doomed,
        casts: casts.collect(),
        trouble,
        fails,
    })
}

async fn family_of_column(
    tx: &Transaction<'_>,
    table: &str,
    column: &str,
) -> Result<BTreeSet<ColumnId>, Error> {
    let rows = tx.query(COLUMN, &[&table, &column]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .collect()
}

/// Has a transaction written to a foreign table since?
fn writes_elsewhere(before: &Seen, after: &Seen) -> bool {
    after.tables.iter().any(|(id, it)| {
        let was = before.tables.get(id);
        it.kind == Kind::Foreign && it.written && was.is_some_and(|it| !it.written)
    })
}

/// The rows in which an UPDATE replaces a value that was there before the plan. None when the text does not tell, or
/// when triggers and rules have a say: then all rows that it changes count.
pub(super) async fn overwritten(
    tx: &Transaction<'_>,
    update: &Overwrites,
    before: &Seen,
    made: &Made,
) -> Result<Option<Overwritten>, Error> {
    let rows = tx.query(FAMILY, &[&update.table]).await?;
    let family: BTreeSet<Id> = rows
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<_, _>>()?;
    let row = tx
        .query_one("SELECT to_regclass($1)::oid", &[&update.table])
        .await?;
    let table: Option<Id> = row.get(0)?;
    let members = || family.iter().map(|id| before.tables.get(id));
    let Some(table) = table.filter(|_| members().all(|it| it.is_some_and(|it| !it.reacts))) else {
        return Ok(None);
    };
    let mut columns = Vec::new();
    for column in &update.columns {
        let all = family_of_column(tx, &update.table, column).await?;
        if all.iter().any(|it| !made.column(*it)) {
            columns.push(column.as_str());
        }
    }
    let count = match columns.is_empty() {
        true => Ok(0),
        false => measure::rows(tx, &update.count_of(&columns)).await?,
    };
    Ok(count.ok().map(|count| Overwritten {
        family,
        table,
        count,
    }))
}

/// What a statement has done to rows and tables, once it has run.
pub(super) fn done(
    statement: &Statement,
    (before, after, made): (&Seen, &Seen, &Made),
    overwritten: Option<&Overwritten>,
) -> Vec<Loss> {
    let effect = statement.effect();
    let changes_rows = matches!(effect, Effect::Rows(_));
    let mut losses = Vec::new();
    if changes_rows && writes_elsewhere(before, after) {
        let why = "it writes to a foreign table, whose rows are elsewhere";
        losses.push(Loss::unknown(statement, why));
    }
    if !after.counting && statement.nature().work == Work::Data {
        let why = "the setting track_counts is off, so that the server does not count changed rows";
        losses.push(Loss::unknown(statement, why));
    }
    let (mut deleted, mut updated) = (BTreeMap::new(), BTreeMap::new());
    if let Some(it) = overwritten {
        updated.insert(it.table, it.count);
    }
    for (&id, table) in &after.tables {
        let Some(was) = before.tables.get(&id).filter(|_| !made.table(id)) else {
            continue;
        };
        if overwritten.is_some_and(|it| it.family.contains(&id)) {
            continue;
        }
        let more = |now: i64, then: i64| u64::try_from(now - then).unwrap_or(0);
        let root = before.root(id);
        *deleted.entry(root).or_insert(0) += more(table.deleted, was.deleted);
        *updated.entry(root).or_insert(0) += more(table.updated, was.updated);
    }
    let counts = [(Lost::Deleted, deleted), (Lost::Overwritten, updated)];
    for (what, counts) in counts {
        for (id, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            let object = format!("table {}", before.name(id));
            losses.push(Loss::counted(statement, object, what, count));
        }
    }
    losses
}

/// What has gone although trying the statement, if it was tried, has not shown it.
pub(super) fn unforeseen(
    statement: &Statement,
    (before, after, made): (&Seen, &Seen, &Made),
    foreseen: &Gone,
) -> Option<Loss> {
    let gone = before.gone(after, rewrites(statement));
    let table = gone.tables.difference(&foreseen.tables);
    let table = table.filter(|it| !made.table(**it));
    let columns = gone.columns.difference(&foreseen.columns);
    let columns = columns.chain(gone.retyped.difference(&foreseen.retyped));
    let columns = columns.filter(|it| !made.column(**it) && !foreseen.tables.contains(&it.0));
    let mut tables = table.copied().chain(columns.map(|it| it.0));
    let id =
        tables.find(|id| matches!(before.tables.get(id), Some(it) if it.kind != Kind::Foreign))?;
    let name = before.name(id);
    let why = format!("it took something of {name} that was not looked at before");
    Some(Loss::unknown(statement, why))
}
