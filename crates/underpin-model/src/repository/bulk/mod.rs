//! Many rows at once: one plan whatever their number, or COPY.

mod create;
mod update;

use super::statements::{live, quoted};
use crate::array::ArrayOf;
use crate::doing::Doing;
use crate::statement::Origin;
use crate::{Actor, Error, Field, Model, Place, Repository, Value};
use underpin_pool::{Executor, Transaction};

/// Rows that one statement takes; more are cut into pieces.
const STATEMENT_ROWS_MAX: usize = 10_000;

impl<M: Model, P: Place> Repository<M, P> {
    /// Deletes many rows as [`delete`](Self::delete) does, in one statement, and counts those that were there.
    ///
    /// # Errors
    /// As [`delete`](Self::delete); rows that are not there are passed over.
    ///
    /// # Cancel safety
    /// Dropped midway, all are deleted or none.
    pub async fn bulk_delete(&self, ids: &[M::Id], actor: &Actor) -> Result<u64, Error> {
        let table = M::TABLE;
        let keys: Vec<Vec<Value<'_>>> = ids.iter().map(M::key_values).collect();
        let columns: Vec<&'static Field> = key_columns::<M>();
        let arrays = arrays(&keys, columns.len());
        let mut values: Vec<Value<'_>> = arrays.iter().map(|array| array as Value<'_>).collect();
        let these = format!(
            "({}) IN (SELECT {})",
            quoted(table.key.iter().copied()),
            unnested(&columns).join(", ")
        );
        let sql = if table.soft_delete {
            let mut set = vec![String::from("\"deleted_at\" = now()")];
            set.extend(stamps::<M>(columns.len() + 1));
            if table.stamps_actor() {
                values.push(actor.value());
            }
            let (live, set) = (live(table), set.join(", "));
            format!("UPDATE {} SET {set} WHERE {these}{live}", table.sql_name)
        } else {
            format!("DELETE FROM {} WHERE {these}", table.sql_name)
        };
        let count = self.executor().execute(&sql, &values).await;
        let column_of = Origin::nth(table.key_parameters());
        count.map_err(|cause| Error::of_statement(table, Doing::DeleteMany, cause, column_of))
    }
}

/// Arrays of arrays do not come apart again row by row.
fn fit_into_arrays(columns: &[&Field]) -> bool {
    !columns
        .iter()
        .any(|column| (column.facts.data_type)().ends_with("[]"))
}

fn key_columns<M: Model>() -> Vec<&'static Field> {
    M::TABLE
        .key
        .iter()
        .filter_map(|name| M::TABLE.column(name))
        .collect()
}

/// What every change sets besides; the actor is the parameter of this number.
fn stamps<M: Model>(actor: usize) -> impl Iterator<Item = String> {
    let touch = Some(String::from(M::TABLE.sql.touch)).filter(|touch| !touch.is_empty());
    let actor = M::TABLE
        .stamps_actor()
        .then(|| format!("\"updated_by\" = ${actor}"));
    touch.into_iter().chain(actor)
}

/// `unnest($1::uuid[])`, `unnest($2::text[])`: for a list of results, in which all advance together and a composite value
/// stays one value. In FROM it would come apart into columns.
fn unnested(columns: &[&Field]) -> Vec<String> {
    (1..)
        .zip(columns)
        .map(|(number, column)| format!("unnest(${number}::{}[])", (column.facts.data_type)()))
        .collect()
}

/// Does several statements, all or none, inside a transaction as well: what fails in it leaves nothing behind.
async fn together<T>(
    transaction: Option<&Transaction<'_>>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(transaction) = transaction else {
        return work.await;
    };
    let savepoint = transaction.savepoint().await?;
    match work.await {
        Ok(done) => {
            savepoint.release().await?;
            Ok(done)
        }
        Err(error) => {
            // When even that fails, the transaction is over, and the first error says why.
            let _ = savepoint.rollback().await;
            Err(error)
        }
    }
}

/// Rows as columns.
fn arrays<'a>(rows: &[Vec<Value<'a>>], columns: usize) -> Vec<ArrayOf<'a>> {
    (0..columns)
        .map(|column| {
            ArrayOf(
                rows.iter()
                    .filter_map(|row| row.get(column).copied())
                    .collect(),
            )
        })
        .collect()
}

/// Says which of many rows an error is about, counted from 1.
fn in_row(number: usize, error: Error) -> Error {
    Error::caused_by(
        format!("row {} is not valid, so none was written", number + 1),
        error,
    )
}
