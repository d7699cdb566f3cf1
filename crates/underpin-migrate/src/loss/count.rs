//! Counts what a plan would destroy, and changes nothing.

use super::doomed::{Doomed, find, is_there};
use super::{Loss, Lost};
use crate::plan::Plan;
use crate::sql::{Class, Destroys, Statement};
use crate::{Error, Settings};
use underpin_core::ErrorKind;
use underpin_pool::{Executor, Session, Transaction};

/// The losses of all statements of a plan that would lose something.
///
/// Runs in a transaction that is rolled back, with the settings that the files make; takes ACCESS SHARE on the tables
/// that are counted.
pub(crate) async fn count(
    session: &mut Session,
    plan: &Plan,
    settings: &Settings,
) -> Result<Vec<Loss>, Error> {
    let failed = |error| Error::caused_by("could not count what reverting would destroy", error);
    let limits = format!(
        "SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}",
        settings.data_timeout.as_millis(),
        settings.lock_timeout.as_millis()
    );
    let tx = session.begin();
    tx.batch(&limits).await.map_err(failed)?;
    let mut counting = Counting::default();
    for statement in plan.steps().iter().flat_map(|step| step.remaining()) {
        if statement.class() == Class::Setting {
            tx.batch(statement.text()).await.map_err(failed)?;
        }
        for destroys in statement.destroys() {
            counting
                .add(&tx, statement, destroys)
                .await
                .map_err(failed)?;
        }
    }
    tx.rollback().await.map_err(failed)?;
    Ok(counting.losses)
}

#[derive(Default)]
struct Counting {
    losses: Vec<Loss>,
    /// New name, old name: the tables still have the old ones while we count.
    renamed: Vec<(String, String)>,
}

impl Counting {
    async fn add(
        &mut self,
        tx: &Transaction<'_>,
        statement: &Statement,
        destroys: Destroys,
    ) -> Result<(), underpin_pool::Error> {
        match destroys {
            Destroys::Renames { from, to } => self.renamed.push((to, self.old_name(from))),
            Destroys::Unknown => self.lose(statement, "this statement", Lost::Unknown, 1),
            Destroys::Rows {
                table,
                columns,
                count,
            } => {
                let what = match columns.is_empty() {
                    true => Lost::Deleted,
                    false => Lost::Overwritten,
                };
                match changed(tx, &count).await? {
                    Some(count) => self.lose(statement, "this statement", what, count),
                    // What it changes is made by a statement before it, or is there and was changed by one.
                    None if !is_there(tx, &self.old_name(table), &columns).await? => {}
                    None => self.lose(statement, "this statement", Lost::Unknown, 1),
                }
            }
            other => {
                for doomed in find(tx, &self.with_old_name(other)).await? {
                    let (what, count) = measure(tx, &doomed).await?;
                    self.lose(statement, &doomed.describe(), what, count);
                }
            }
        }
        Ok(())
    }

    fn lose(&mut self, statement: &Statement, object: &str, what: Lost, count: u64) {
        if count > 0 {
            self.losses.push(Loss {
                place: statement.place().to_string(),
                object: String::from(object),
                what,
                count,
            });
        }
    }

    fn with_old_name(&self, destroys: Destroys) -> Destroys {
        match destroys {
            Destroys::Table { table } => Destroys::Table {
                table: self.old_name(table),
            },
            Destroys::Column { table, column } => Destroys::Column {
                table: self.old_name(table),
                column,
            },
            Destroys::Type {
                table,
                column,
                to,
                using,
            } => Destroys::Type {
                table: self.old_name(table),
                column,
                to,
                using,
            },
            other => other,
        }
    }

    fn old_name(&self, name: String) -> String {
        let renamed = self.renamed.iter().rev().find(|(to, _)| *to == name);
        renamed.map_or(name, |(_, from)| from.clone())
    }
}

async fn measure(
    tx: &Transaction<'_>,
    doomed: &Doomed,
) -> Result<(Lost, u64), underpin_pool::Error> {
    let (what, sql) = match doomed {
        Doomed::Table { table } => (Lost::Rows, format!("SELECT count(*) FROM {table}")),
        Doomed::Column { table, column } => {
            (Lost::Values, format!("SELECT count({column}) FROM {table}"))
        }
        Doomed::Cast {
            table,
            column,
            to,
            using,
        } => {
            let attempt = tx.savepoint().await?;
            let counted = misfits(&attempt, table, column, to, using.as_deref()).await;
            attempt.rollback().await?;
            // A type that is not there yet, or an expression over columns that are not.
            return Ok(counted.map_or((Lost::Unknown, 1), |count| (Lost::Casts, count)));
        }
    };
    let count: i64 = tx.query_one(&sql, &[]).await?.get(0)?;
    Ok((what, u64::try_from(count).unwrap_or(0)))
}

/// How many values do not fit the new type, or do not come back as they were.
pub(crate) async fn misfits(
    db: &impl Executor,
    table: &str,
    column: &str,
    to: &str,
    using: Option<&str>,
) -> Result<u64, underpin_pool::Error> {
    let sql = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = $1::text::regclass AND quote_ident(attname) = $2";
    let from: String = db.query_one(sql, &[&table, &column]).await?.get(0)?;
    let bare = table.rsplit('.').next().unwrap_or(table);
    let fit = match using {
        Some(using) => {
            format!("SELECT ({using}) INTO fitted FROM (SELECT (underpin_row).*) AS {bare}")
        }
        None => format!("fitted := underpin_row.{column}"),
    };
    db.batch(&format!(
        "CREATE FUNCTION pg_temp.underpin_fits(underpin_row {table}) RETURNS boolean LANGUAGE plpgsql AS $underpin$
         DECLARE fitted {to};
         BEGIN
             BEGIN {fit}; EXCEPTION WHEN OTHERS THEN RETURN false; END;
             BEGIN RETURN fitted::{from} IS NOT DISTINCT FROM underpin_row.{column};
             EXCEPTION WHEN OTHERS THEN RETURN true; END;
         END $underpin$"
    ))
    .await?;
    let sql = format!(
        "SELECT count(*) FROM {table} AS underpin_row WHERE {column} IS NOT NULL AND NOT pg_temp.underpin_fits(underpin_row)"
    );
    let count: i64 = db.query_one(&sql, &[]).await?.get(0)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// How many rows a statement would change; None when that cannot be asked before the statements in front of it have run.
async fn changed(tx: &Transaction<'_>, count: &str) -> Result<Option<u64>, underpin_pool::Error> {
    let attempt = tx.savepoint().await?;
    let counted = attempt.query_one(count, &[]).await;
    attempt.rollback().await?;
    let count: i64 = match counted {
        Err(error) if error.kind() == ErrorKind::Sql => return Ok(None),
        counted => counted?.get(0)?,
    };
    Ok(Some(u64::try_from(count).unwrap_or(0)))
}
