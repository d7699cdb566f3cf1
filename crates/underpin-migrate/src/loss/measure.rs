//! Counting rows and values, with row security out of the way.

use super::doomed::Doomed;
use super::seen::{Rows, Seen};
use crate::sql::NewType;
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_pool::{Error, Transaction};

/// PostgreSQL then reports an error instead of hiding rows from the one who counts; and it takes as long as it takes.
fn see_all(timeout: Duration) -> String {
    format!(
        "SET LOCAL row_security = off; SET LOCAL statement_timeout = {}",
        timeout.as_millis()
    )
}

/// A number, or why there is none.
pub(super) type Counted = Result<u64, String>;

/// How many rows or values of it there are.
pub(super) async fn count(
    tx: &Transaction<'_>,
    doomed: &Doomed,
    seen: &Seen,
    timeout: Duration,
) -> Result<Counted, Error> {
    let mut sum = 0;
    for (id, column) in &doomed.parts {
        let Some(table) = seen.tables.get(id) else {
            continue;
        };
        let what = column.and_then(|it| table.columns.get(&it));
        let what = what.map_or("*", |it| it.name.as_str());
        let condition = match &table.rows {
            Rows::UsersWhere(condition) => condition.as_str(),
            Rows::Users | Rows::Extensions => "",
        };
        let sql = format!("SELECT count({what}) FROM {} {condition}", table.relation());
        let attempt = tx.savepoint().await?;
        let counted = match attempt.batch(&see_all(timeout)).await {
            Ok(()) => one_number(&attempt, &sql).await,
            Err(error) => Err(error),
        };
        attempt.rollback().await?;
        match or_reason(counted)? {
            Ok(count) => sum += count,
            Err(reason) => return Ok(Err(format!("{} cannot be counted: {reason}", table.name))),
        }
    }
    Ok(Ok(sum))
}

/// How many values of a column do not fit a new type, or do not come back from it as they were.
pub(super) async fn casts(
    tx: &Transaction<'_>,
    doomed: &Doomed,
    seen: &Seen,
    new: Option<&NewType>,
    timeout: Duration,
) -> Result<Counted, Error> {
    let Some(NewType { to, using, .. }) = new else {
        return Ok(Err(String::from("its type changes with another one")));
    };
    let Some((table, column)) = seen.tables.get(&doomed.table).zip(doomed.column_name(seen)) else {
        return Ok(Err(String::from("the column is not there")));
    };
    let relation = table.relation();
    let attempt = tx.savepoint().await?;
    let counted = match attempt.batch(&see_all(timeout)).await {
        Ok(()) => {
            let using = using.as_deref();
            misfits_of(&attempt, &relation, &table.name, column, to, using).await
        }
        Err(error) => Err(error),
    };
    attempt.rollback().await?;
    or_reason(counted)
}

/// As many as the statement says; its own view of the rows counts, so row security stays as it is.
pub(super) async fn rows(tx: &Transaction<'_>, sql: &str) -> Result<Counted, Error> {
    let attempt = tx.savepoint().await?;
    let counted = one_number(&attempt, sql).await;
    attempt.rollback().await?;
    or_reason(counted)
}

/// Trying again may help with a lock, and nothing helps without a connection; anything else is a reason.
pub(super) fn or_reason<T>(result: Result<T, Error>) -> Result<Result<T, String>, Error> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) if is_passing(&error) => Err(error),
        Err(error) => Ok(Err(reason(&error))),
    }
}

pub(super) fn is_passing(error: &Error) -> bool {
    let kind = error.kind();
    kind.is_unavailable()
        || matches!(
            kind,
            ErrorKind::LockTimeout | ErrorKind::Serialization | ErrorKind::Cancelled
        )
}

/// What the server says, without a line break.
pub(super) fn reason(error: &Error) -> String {
    let text = underpin_core::Chain(error).to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn one_number(tx: &Transaction<'_>, sql: &str) -> Result<u64, Error> {
    let count: i64 = tx.query_one(sql, &[]).await?.get(0)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// As [`casts`], of all rows that a table has, those of its heirs included. In a transaction that is rolled back.
pub(crate) async fn misfits(
    tx: &Transaction<'_>,
    table: &str,
    column: &str,
    to: &str,
    using: Option<&str>,
) -> Result<u64, Error> {
    misfits_of(tx, table, table, column, to, using).await
}

/// A value comes back as it was when it reads the same: numbers may differ in their zeros at the end, nothing else may,
/// such as the case of a letter that an own equality does not see. Where there is no way back, it is lost.
async fn misfits_of(
    tx: &Transaction<'_>,
    relation: &str,
    table: &str,
    column: &str,
    to: &str,
    using: Option<&str>,
) -> Result<u64, Error> {
    let sql = "\
SELECT format_type(a.atttypid, a.atttypmod), quote_ident(c.relname), a.atttypid = 'numeric'::regtype
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE a.attrelid = $1::text::regclass AND quote_ident(a.attname) = $2";
    let row = tx.query_one(sql, &[&table, &column]).await?;
    let (from, bare, is_number): (String, String, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let fit = match using {
        Some(using) => {
            format!("SELECT ({using}) INTO fitted FROM (SELECT (underpin_row).*) AS {bare}")
        }
        None => format!("fitted := underpin_row.{column}"),
    };
    let same = match is_number {
        true => format!("fitted::{from} IS NOT DISTINCT FROM underpin_row.{column}"),
        false => format!(
            "(fitted::{from})::text COLLATE \"C\" IS NOT DISTINCT FROM underpin_row.{column}::text COLLATE \"C\""
        ),
    };
    tx.batch(&format!(
        "CREATE FUNCTION pg_temp.underpin_fits(underpin_row {table}) RETURNS boolean LANGUAGE plpgsql AS $underpin$
         DECLARE fitted {to};
         BEGIN
             {fit};
             RETURN {same};
         EXCEPTION WHEN OTHERS THEN RETURN false;
         END $underpin$"
    ))
    .await?;
    let sql = format!(
        "SELECT count(*) FROM {relation} AS underpin_row WHERE {column} IS NOT NULL AND NOT pg_temp.underpin_fits(underpin_row)"
    );
    one_number(tx, &sql).await
}
