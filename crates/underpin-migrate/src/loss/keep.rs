//! Copies what a statement is about to destroy, in its transaction.

use super::doomed::Doomed;
use super::seen::{Seen, Table};
use super::{DataLoss, QUARANTINE};
use crate::Error;
use crate::files::Version;
use crate::progress::{Event, Progress};
use crate::sql::Statement;
use underpin_pool::Transaction;

/// Longest name that PostgreSQL does not cut, in bytes.
const NAME_MAX: usize = 63;

/// Values of types that somebody made become text: the type may be dropped next. A column is kept with its row's
/// primary key, or with the whole row when there is none or it is a part of it.
const COLUMNS: &str = "\
SELECT string_agg(quote_ident(a.attname) || CASE
           WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN '' ELSE '::text AS ' || quote_ident(a.attname) END,
           ', ' ORDER BY a.attnum)
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_constraint AS k ON k.conrelid = a.attrelid AND k.contype = 'p'
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
  AND ($2::int2 IS NULL OR k.oid IS NULL OR a.attnum = $2 OR a.attnum = ANY (k.conkey) OR $2 = ANY (k.conkey))";

/// Rows without a value are kept, too, where the column gets a default when it is made again.
const DEFAULTED: &str = "\
SELECT count(*) > 0 FROM pg_attribute WHERE attrelid = $1 AND attnum = $2 AND atthasdef";

const NAME: &str = "\
SELECT c.relname::text, format('%I.%I', n.nspname, c.relname)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1";

const RECORD: &str = "\
INSERT INTO underpin.migration_quarantine (id, chain, version, object, kept_as, rows)
OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6)";

/// What is recorded with every copy, and whether there are any.
#[derive(Clone, Copy)]
pub(crate) struct Keeper<'a> {
    pub(crate) chain: &'a str,
    pub(crate) version: Version,
    pub(crate) allowed: DataLoss,
    pub(crate) progress: &'a dyn Progress,
}

/// Copies a table or a column, when that is wanted. It must be locked.
pub(super) async fn keep(
    tx: &Transaction<'_>,
    keeper: &Keeper<'_>,
    statement: &Statement,
    doomed: &Doomed,
    seen: &Seen,
) -> Result<(), Error> {
    let wanted = matches!(
        keeper.allowed,
        DataLoss::Quarantine | DataLoss::QuarantineOrAllow
    );
    let Some(table) = seen.tables.get(&doomed.table).filter(|_| wanted) else {
        return Ok(());
    };
    let kept = copy(tx, keeper, doomed, table, doomed.column_name(seen)).await;
    let kept = kept.map_err(|error| {
        let message = format!("{}: could not keep what it destroys", statement.place());
        Error::caused_by(message, error)
    })?;
    if let Some((kept_as, rows)) = kept {
        keeper.progress.tell(&Event::Kept {
            object: &doomed.describe(seen),
            kept_as: &kept_as,
            rows,
        });
    }
    Ok(())
}

/// The copy's name and how many rows it has; None when there was nothing to keep.
async fn copy(
    tx: &Transaction<'_>,
    keeper: &Keeper<'_>,
    doomed: &Doomed,
    table: &Table,
    column: Option<&str>,
) -> Result<Option<(String, u64)>, underpin_pool::Error> {
    tx.batch(&format!("CREATE SCHEMA IF NOT EXISTS {QUARANTINE}"))
        .await?;
    let columns = tx
        .query_one(COLUMNS, &[&doomed.table, &doomed.column])
        .await?;
    // A table without columns has rows, too.
    let columns = columns.get::<Option<String>>(0)?.unwrap_or_default();
    let row = tx.query_one(NAME, &[&doomed.table]).await?;
    let (bare, full): (String, String) = (row.get(0)?, row.get(1)?);
    let object = match column {
        Some(column) => format!("column {full}.{column}"),
        None => format!("table {full}"),
    };
    let (id, kept_as) = free_name(tx, &bare).await?;
    let from = table.relation();
    let mut filter = String::new();
    if let Some(column) = column {
        let defaulted = tx
            .query_one(DEFAULTED, &[&doomed.table, &doomed.column])
            .await?;
        filter = match defaulted.get(0)? {
            true => format!(" WHERE EXISTS (SELECT FROM {from} WHERE {column} IS NOT NULL)"),
            false => format!(" WHERE {column} IS NOT NULL"),
        };
    }
    let rows = seeing_all(tx, async || {
        let copy = format!("CREATE TABLE {kept_as} AS SELECT {columns} FROM {from}{filter}");
        tx.execute(&copy, &[]).await
    });
    let rows = rows.await?;
    if rows == 0 {
        tx.batch(&format!("DROP TABLE {kept_as}")).await?;
        return Ok(None);
    }
    let count = i64::try_from(rows).unwrap_or(i64::MAX);
    let version = keeper.version.to_i64();
    tx.execute(
        RECORD,
        &[&id, &keeper.chain, &version, &object, &kept_as, &count],
    )
    .await?;
    Ok(Some((kept_as, rows)))
}

/// Rows that row security would hide make the copy fail, rather than be left out of it.
async fn seeing_all(
    tx: &Transaction<'_>,
    copy: impl AsyncFnOnce() -> Result<u64, underpin_pool::Error>,
) -> Result<u64, underpin_pool::Error> {
    let row = tx
        .query_one("SELECT current_setting('row_security')", &[])
        .await?;
    let before: String = row.get(0)?;
    let set = "SELECT set_config('row_security', $1, true)";
    tx.execute(set, &[&"off"]).await?;
    let rows = copy().await?;
    tx.execute(set, &[&before]).await?;
    Ok(rows)
}

/// A number and a name that no table of the quarantine has.
async fn free_name(
    tx: &Transaction<'_>,
    table: &str,
) -> Result<(i64, String), underpin_pool::Error> {
    loop {
        let row = tx.query_one(
            "SELECT nextval('underpin.migration_quarantine_id_seq')",
            &[],
        );
        let id: i64 = row.await?.get(0)?;
        let kept_as = format!(
            "{QUARANTINE}.\"{}\"",
            numbered(table, id).replace('"', "\"\"")
        );
        let row = tx
            .query_one("SELECT to_regclass($1) IS NULL", &[&kept_as])
            .await?;
        if row.get(0)? {
            return Ok((id, kept_as));
        }
    }
}

/// As much of a name as leaves room for the number, which must not be cut.
fn numbered(table: &str, id: i64) -> String {
    let number = format!("_{id}");
    let end = table.floor_char_boundary(NAME_MAX - number.len());
    format!("{}{number}", &table[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_kept_tables_are_cut_by_bytes_and_never_their_number() {
        assert_eq!(numbered("notes", 7), "notes_7");
        let long = "ä".repeat(31);
        assert_eq!(numbered(&long, 12), format!("{}_12", "ä".repeat(30)));
        assert!(numbered(&"a".repeat(63), i64::MAX).len() <= NAME_MAX);
        let (one, other) = (format!("{long}1"), format!("{long}2"));
        assert_ne!(numbered(&one, 1), numbered(&other, 2));
    }
}
