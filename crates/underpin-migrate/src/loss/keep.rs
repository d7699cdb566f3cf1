//! Copies what a statement is about to destroy, in its transaction.

use super::QUARANTINE;
use super::doomed::{Doomed, find};
use crate::Error;
use crate::files::Version;
use crate::progress::{Event, Progress};
use crate::sql::Statement;
use underpin_pool::Transaction;

/// Values of types that somebody made become text: the type may be dropped next. A column is kept with its row's
/// primary key, or with the whole row when there is none or it is a part of it.
const COLUMNS: &str = "\
SELECT string_agg(quote_ident(a.attname) || CASE
           WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN '' ELSE '::text AS ' || quote_ident(a.attname) END,
           ', ' ORDER BY a.attnum)
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_constraint AS k ON k.conrelid = a.attrelid AND k.contype = 'p'
WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
  AND ($2::text IS NULL OR k.oid IS NULL OR quote_ident(a.attname) = $2 OR a.attnum = ANY (k.conkey)
       OR EXISTS (SELECT FROM pg_attribute AS own
                  WHERE own.attrelid = a.attrelid AND quote_ident(own.attname) = $2 AND own.attnum = ANY (k.conkey)))";

/// Rows without a value are kept, too, where the column gets a default when it is made again.
const DEFAULTED: &str = "\
SELECT count(*) > 0 FROM pg_attribute WHERE attrelid = $1::text::regclass AND quote_ident(attname) = $2 AND atthasdef";

const NAME: &str = "\
SELECT nextval('underpin.migration_quarantine_id_seq'), left(c.relname, 40),
       CASE WHEN $2::text IS NULL THEN format('table %I.%I', n.nspname, c.relname)
            ELSE format('column %I.%I.%s', n.nspname, c.relname, $2) END
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1::text::regclass";

const RECORD: &str = "\
INSERT INTO underpin.migration_quarantine (id, chain, version, object, kept_as, rows)
OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6)";

/// Copies all that the statement would destroy and that can be copied.
pub(crate) async fn keep(
    tx: &Transaction<'_>,
    chain: &str,
    version: Version,
    statement: &Statement,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let failed = |error| {
        let message = format!("{}: could not keep what it destroys", statement.place());
        Error::caused_by(message, error)
    };
    for destroys in statement.destroys() {
        for doomed in find(tx, &destroys).await.map_err(failed)? {
            if let Some((kept_as, rows)) =
                copy(tx, chain, version, &doomed).await.map_err(failed)?
            {
                progress.tell(&Event::Kept {
                    object: &doomed.describe(),
                    kept_as: &kept_as,
                    rows,
                });
            }
        }
    }
    Ok(())
}

/// The copy's name and how many rows it has; None when there was nothing to keep.
async fn copy(
    tx: &Transaction<'_>,
    chain: &str,
    version: Version,
    doomed: &Doomed,
) -> Result<Option<(String, u64)>, underpin_pool::Error> {
    let (table, column) = (doomed.table(), doomed.column());
    // The statement takes it anyway; taken first, nothing is written between the copy and the end.
    tx.batch(&format!(
        "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; CREATE SCHEMA IF NOT EXISTS {QUARANTINE}"
    ))
    .await?;
    let columns: String = tx.query_one(COLUMNS, &[&table, &column]).await?.get(0)?;
    let row = tx.query_one(NAME, &[&table, &column]).await?;
    let (id, name, object): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let kept_as = format!("{QUARANTINE}.\"{}_{id}\"", name.replace('"', "\"\""));
    let mut filter = String::new();
    if let Some(column) = column {
        let defaulted: bool = tx.query_one(DEFAULTED, &[&table, &column]).await?.get(0)?;
        filter = match defaulted {
            true => format!(" WHERE EXISTS (SELECT FROM {table} WHERE {column} IS NOT NULL)"),
            false => format!(" WHERE {column} IS NOT NULL"),
        };
    }
    let copy = format!("CREATE TABLE {kept_as} AS SELECT {columns} FROM {table}{filter}");
    let rows = tx.execute(&copy, &[]).await?;
    if rows == 0 {
        tx.batch(&format!("DROP TABLE {kept_as}")).await?;
        return Ok(None);
    }
    let count = i64::try_from(rows).unwrap_or(i64::MAX);
    let version = version.to_i64();
    tx.execute(RECORD, &[&id, &chain, &version, &object, &kept_as, &count])
        .await?;
    Ok(Some((kept_as, rows)))
}
