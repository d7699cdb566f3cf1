//! From what is gone to the tables and columns that a person knows: a partitioned table stands for its partitions.

use super::Lost;
use super::seen::{ColumnId, Gone, Id, Kind, Made, Rows, Seen};
use std::collections::{BTreeMap, BTreeSet};
use underpin_pool::{Error, Executor};

/// Columns whose values contain values of a type, at any depth: arrays, domains, ranges and composite types of it.
const USERS: &str = "\
WITH RECURSIVE holders (id) AS (
    SELECT reltype FROM pg_class WHERE oid = ANY ($1) AND reltype <> 0
    UNION
    SELECT t.oid FROM holders AS h JOIN pg_type AS t
      ON t.typelem = h.id OR t.typbasetype = h.id
      OR EXISTS (SELECT FROM pg_range AS r WHERE r.rngtypid = t.oid AND r.rngsubtype = h.id)
      OR EXISTS (SELECT FROM pg_attribute AS a
                 WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND a.atttypid = h.id AND a.attnum > 0 AND NOT a.attisdropped))
SELECT DISTINCT a.attrelid, a.attnum FROM holders AS h
JOIN pg_attribute AS a ON a.atttypid = h.id AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')";

/// A table or a column that is about to lose what it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doomed {
    pub(super) table: Id,
    pub(super) column: Option<i16>,
    /// The tables that have the rows, each with the number of the column there: itself, or its partitions.
    pub(super) parts: Vec<(Id, Option<i16>)>,
}

/// The tables and columns of what is gone, those left out that the plan made itself. To be asked before they are gone.
pub(super) async fn find(
    db: &impl Executor,
    gone: &Gone,
    before: &Seen,
    made: &Made,
) -> Result<Vec<Doomed>, Error> {
    let mut columns = gone.columns.clone();
    if !gone.narrowed.is_empty() {
        for row in db.query(USERS, &[&gone.narrowed]).await? {
            columns.insert((row.get(0)?, row.get(1)?));
        }
    }
    let mut doomed = tables(&gone.tables, before, made);
    columns.retain(|(table, _)| !gone.tables.contains(table));
    doomed.extend(of_columns(&columns, before, made));
    Ok(doomed)
}

fn tables(gone: &BTreeSet<Id>, before: &Seen, made: &Made) -> Vec<Doomed> {
    let mut all = gone.clone();
    while let Some(whole) = emptied(&all, before) {
        all.insert(whole);
    }
    let mut found: BTreeMap<Id, Vec<(Id, Option<i16>)>> = BTreeMap::new();
    for &id in gone {
        let Some(table) = before.tables.get(&id) else {
            continue;
        };
        let counts = table.kind == Kind::Table && table.rows != Rows::Extensions;
        if !counts || made.table(id) {
            continue;
        }
        let mut top = id;
        while let Some(parent) = before.tables.get(&top).and_then(|it| it.parent)
            && all.contains(&parent)
        {
            top = parent;
        }
        found.entry(top).or_default().push((id, None));
    }
    let doomed = found.into_iter().map(|(table, parts)| Doomed {
        table,
        column: None,
        parts,
    });
    doomed.collect()
}

/// A partitioned table all of whose partitions are gone.
fn emptied(gone: &BTreeSet<Id>, before: &Seen) -> Option<Id> {
    let whole = before
        .tables
        .iter()
        .filter(|(id, it)| it.kind == Kind::Partitioned && !gone.contains(id));
    let mut empty = whole.filter(|(id, _)| {
        let parts = before.tables.iter();
        let mut parts = parts.filter(|(_, it)| it.parent == Some(**id)).peekable();
        parts.peek().is_some() && parts.all(|(part, _)| gone.contains(part))
    });
    empty.next().map(|(id, _)| *id)
}

/// Columns of tables; a generated one loses nothing that could not be computed again.
pub(super) fn of_columns(columns: &BTreeSet<ColumnId>, before: &Seen, made: &Made) -> Vec<Doomed> {
    let mut found: BTreeMap<ColumnId, Vec<(Id, Option<i16>)>> = BTreeMap::new();
    for &(id, number) in columns {
        let Some(table) = before.tables.get(&id) else {
            continue;
        };
        let generated = table.columns.get(&number).is_none_or(|it| it.generated);
        let counts = table.kind == Kind::Table && table.rows != Rows::Extensions && !generated;
        if !counts || made.column((id, number)) {
            continue;
        }
        let mut top = (id, number);
        while let Some(above) = before.above(top)
            && columns.contains(&above)
        {
            top = above;
        }
        found.entry(top).or_default().push((id, Some(number)));
    }
    let doomed = found.into_iter().map(|((table, column), parts)| Doomed {
        table,
        column: Some(column),
        parts,
    });
    doomed.collect()
}

impl Doomed {
    /// What is counted of it.
    pub(super) fn lost(&self) -> Lost {
        match self.column {
            Some(_) => Lost::Values,
            None => Lost::Rows,
        }
    }

    /// In words, by the names of a moment.
    pub(super) fn describe(&self, seen: &Seen) -> String {
        let table = seen.name(self.table);
        match self.column_name(seen) {
            Some(column) => format!("column {table}.{column}"),
            None => format!("table {table}"),
        }
    }

    pub(super) fn column_name<'a>(&self, seen: &'a Seen) -> Option<&'a str> {
        let columns = &seen.tables.get(&self.table)?.columns;
        columns.get(&self.column?).map(|it| it.name.as_str())
    }
}
