//! Changes to many rows, each its own.

use super::{
    STATEMENT_ROWS_MAX, arrays, fit_into_arrays, in_row, key_columns, stamps, together, unnested,
};
use crate::doing::Doing;
use crate::repository::statements::live;
use crate::statement::Origin;
use crate::{Actor, Error, Field, Model, PatchRow, Place, Repository, Value, validate};
use std::collections::BTreeMap;
use underpin_pool::{Executor, quote_identifier};

/// Changes to the same columns.
struct Batch<'a> {
    columns: Vec<&'static Field>,
    /// The key of a row, and what it gets.
    rows: Vec<Vec<Value<'a>>>,
}

impl<M: Model, P: Place> Repository<M, P> {
    /// Changes many rows, each by its own patch, all or none, and counts those that were there.
    ///
    /// Rows that change the same columns go into one statement.
    ///
    /// # Errors
    /// As [`update`](Self::update); rows that are not there are passed over.
    ///
    /// # Cancel safety
    /// As [`bulk_create`](Self::bulk_create).
    pub async fn bulk_update(
        &self,
        rows: Vec<(M::Id, M::Patch)>,
        actor: &Actor,
    ) -> Result<u64, Error> {
        let mut batches: BTreeMap<Vec<&str>, Batch<'_>> = BTreeMap::new();
        for (number, (id, patch)) in rows.iter().enumerate() {
            let changes = patch.values();
            validate::patch(M::TABLE, &changes).map_err(|error| in_row(number, error))?;
            if changes.is_empty() {
                continue;
            }
            let names = changes.iter().map(|(column, _)| *column).collect();
            let batch = batches.entry(names).or_insert_with_key(|names| {
                let columns = names.iter().filter_map(|name| M::TABLE.column(name));
                Batch {
                    columns: columns.collect(),
                    rows: Vec::new(),
                }
            });
            let values = changes.into_iter().map(|(_, value)| value as Value<'_>);
            batch
                .rows
                .push(M::key_values(id).into_iter().chain(values).collect());
        }
        let batches: Vec<Batch<'_>> = batches.into_values().collect();
        match self.place().database() {
            Some(database) => {
                let tx = database.begin().await?;
                let count = update_all::<M, _>(&tx, &batches, actor).await?;
                let committed = tx.commit().await;
                committed.map_err(|cause| {
                    Error::of_statement(M::TABLE, Doing::UpdateMany, cause, |_| None)
                })?;
                Ok(count)
            }
            None => {
                let is_one = matches!(batches.as_slice(), [batch] if batch.is_one_statement());
                let transaction = self.place().transaction().filter(|_| !is_one);
                let update = update_all::<M, _>(self.executor(), &batches, actor);
                together(transaction, update).await
            }
        }
    }
}

async fn update_all<M: Model, E: Executor>(
    executor: &E,
    batches: &[Batch<'_>],
    actor: &Actor,
) -> Result<u64, Error> {
    let mut count = 0;
    for batch in batches {
        count += batch.update::<M, E>(executor, actor).await?;
    }
    Ok(count)
}

impl Batch<'_> {
    fn is_one_statement(&self) -> bool {
        let most = match fit_into_arrays(&self.columns) {
            true => STATEMENT_ROWS_MAX,
            false => 1,
        };
        self.rows.len() <= most
    }

    async fn update<M: Model, E: Executor>(
        &self,
        executor: &E,
        actor: &Actor,
    ) -> Result<u64, Error> {
        let table = M::TABLE;
        let keys = key_columns::<M>();
        let all: Vec<&'static Field> = keys.iter().chain(&self.columns).copied().collect();
        let failed = |cause| {
            let columns = all.iter().map(|column| column.name);
            let column_of = Origin::nth(columns.chain(["updated_by"]));
            Error::of_statement(table, Doing::UpdateMany, cause, column_of)
        };
        let actor: Option<Value<'_>> = table.stamps_actor().then_some(actor.value());
        let set = |value: &dyn Fn(usize, &Field) -> String| -> String {
            let set = self.columns.iter().enumerate().map(|(index, column)| {
                let value = value(keys.len() + index, column);
                format!("{} = {value}", quote_identifier(column.name))
            });
            set.chain(stamps::<M>(all.len() + 1))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (sql_name, live) = (table.sql_name, live(table));
        let mut count = 0;
        if fit_into_arrays(&self.columns) {
            let names: Vec<String> = (0..all.len()).map(|index| format!("d{index}")).collect();
            let these = keys.iter().zip(&names);
            let these: Vec<String> = these
                .map(|(key, name)| format!("{} = changed.{name}", quote_identifier(key.name)))
                .collect();
            let columns = unnested(&all).into_iter().zip(&names);
            let columns: Vec<String> = columns
                .map(|(column, name)| format!("{column} AS {name}"))
                .collect();
            let sql = format!(
                "UPDATE {sql_name} SET {} FROM (SELECT {}) AS changed WHERE {}{live}",
                set(&|index, _| format!("changed.d{index}")),
                columns.join(", "),
                these.join(" AND "),
            );
            for rows in self.rows.chunks(STATEMENT_ROWS_MAX) {
                let arrays = arrays(rows, all.len());
                let values = arrays.iter().map(|array| array as Value<'_>).chain(actor);
                count += executor
                    .execute(&sql, &values.collect::<Vec<_>>())
                    .await
                    .map_err(failed)?;
            }
            return Ok(count);
        }
        let sql = format!(
            "UPDATE {sql_name} SET {} WHERE {}{live}",
            set(&|index, _| format!("${}", index + 1)),
            table.sql.by_key
        );
        for row in &self.rows {
            let values: Vec<Value<'_>> = row.iter().copied().chain(actor).collect();
            count += executor.execute(&sql, &values).await.map_err(failed)?;
        }
        Ok(count)
    }
}
