//! Writing many rows: one plan whatever their number, or COPY.

use super::statements::{Assigned, live, quoted};
use crate::array::ArrayOf;
use crate::{Actor, Error, Field, Model, NewRow, PatchRow, Place, Repository, Value};
use std::collections::BTreeMap;
use underpin_pool::{Database, Executor, quote_identifier};

/// From this many rows on COPY is faster than arrays, although it takes a round trip more.
const COPY_ROWS_MIN: usize = 1_000;
/// Rows that one statement takes; more are cut into pieces.
const STATEMENT_ROWS_MAX: usize = 10_000;

/// Rows that give the same columns.
struct Batch<'a> {
    columns: Vec<&'static Field>,
    rows: Vec<Vec<Value<'a>>>,
}

impl<M: Model, P: Place> Repository<M, P> {
    /// Writes many new rows, all or none, and counts them. Give them ids when you need to know them.
    ///
    /// One row is a plain INSERT, some are arrays in one statement, from 1,000 on it is COPY; inside a transaction, where
    /// there is no COPY, arrays of 10,000 rows. Models with array columns, which cannot be put into arrays, take COPY for
    /// any number, and single statements inside a transaction.
    ///
    /// # Errors
    /// As [`create`](Self::create); a value that validation refuses names its row. Nothing is written then.
    ///
    /// # Cancel safety
    /// Dropped midway, all rows are there or none; inside a transaction, roll it back.
    pub async fn bulk_create(&self, mut rows: Vec<M::New>, actor: &Actor) -> Result<u64, Error> {
        for (number, row) in rows.iter_mut().enumerate() {
            row.fill();
            row.validate().map_err(|error| in_row(number, error))?;
        }
        let given: Vec<_> = rows.iter().map(NewRow::values).collect();
        let mut batches: BTreeMap<Vec<&str>, Batch<'_>> = BTreeMap::new();
        for row in &given {
            let Assigned {
                columns, values, ..
            } = Assigned::new_row(M::TABLE, row, actor);
            let names = columns.iter().map(|column| column.name).collect();
            let batch = batches.entry(names).or_insert_with(|| Batch {
                columns,
                rows: Vec::new(),
            });
            batch.rows.push(values);
        }
        let batches: Vec<Batch<'_>> = batches.into_values().collect();
        let doing = "create many";
        match (batches.as_slice(), self.place().database()) {
            ([], _) => Ok(0),
            ([batch], Some(database)) if batch.wants_copy() => batch.copy::<M>(database).await,
            ([batch], Some(database)) if batch.rows.len() == 1 => {
                batch.insert::<M, _>(database).await
            }
            (_, Some(database)) => {
                let tx = database.begin().await?;
                let count = insert_all::<M, _>(&tx, &batches).await?;
                tx.commit()
                    .await
                    .map_err(|cause| Error::of_statement(M::TABLE, doing, cause))?;
                Ok(count)
            }
            (_, None) => insert_all::<M, _>(self.executor(), &batches).await,
        }
    }

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
        for (number, (_, patch)) in rows.iter().enumerate() {
            patch.validate().map_err(|error| in_row(number, error))?;
        }
        let mut batches: BTreeMap<Vec<&str>, Batch<'_>> = BTreeMap::new();
        for (id, patch) in &rows {
            let changes = patch.values();
            if changes.is_empty() {
                continue;
            }
            let names: Vec<&str> = changes.iter().map(|(column, _)| *column).collect();
            let batch = batches.entry(names.clone()).or_insert_with(|| Batch {
                columns: names
                    .iter()
                    .filter_map(|name| M::TABLE.column(name))
                    .collect(),
                rows: Vec::new(),
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
                committed.map_err(|cause| Error::of_statement(M::TABLE, "update many", cause))?;
                Ok(count)
            }
            None => update_all::<M, _>(self.executor(), &batches, actor).await,
        }
    }

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
            "({}) IN (SELECT * FROM {})",
            quoted(table.key.iter().copied()),
            unnest(&columns)
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
        count.map_err(|cause| Error::of_statement(table, "delete many", cause))
    }
}

impl Batch<'_> {
    /// Arrays of arrays do not come apart again row by row.
    fn fits_into_arrays(&self) -> bool {
        !self
            .columns
            .iter()
            .any(|column| (column.facts.data_type)().ends_with("[]"))
    }

    fn wants_copy(&self) -> bool {
        self.rows.len() >= COPY_ROWS_MIN || (self.rows.len() > 1 && !self.fits_into_arrays())
    }

    async fn copy<M: Model>(&self, database: &Database) -> Result<u64, Error> {
        let table = match M::TABLE.schema {
            Some(schema) => format!("{schema}.{}", M::TABLE.name),
            None => String::from(M::TABLE.name),
        };
        let columns: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let copied = async {
            let session = database.checkout().await?;
            let mut copy = session.copy_in(&table, &columns).await?;
            for row in &self.rows {
                copy.write(row).await?;
            }
            copy.finish().await
        };
        copied
            .await
            .map_err(|cause| Error::of_statement(M::TABLE, "copy many", cause))
    }

    async fn insert<M: Model, E: Executor>(&self, executor: &E) -> Result<u64, Error> {
        let names = quoted(self.columns.iter().map(|column| column.name));
        let into = format!("INSERT INTO {} ({names})", M::TABLE.sql_name);
        let failed = |cause| Error::of_statement(M::TABLE, "create many", cause);
        let mut count = 0;
        if self.rows.len() > 1 && self.fits_into_arrays() {
            let sql = format!("{into} SELECT * FROM {}", unnest(&self.columns));
            for rows in self.rows.chunks(STATEMENT_ROWS_MAX) {
                let arrays = arrays(rows, self.columns.len());
                let values: Vec<Value<'_>> =
                    arrays.iter().map(|array| array as Value<'_>).collect();
                count += executor.execute(&sql, &values).await.map_err(failed)?;
            }
            return Ok(count);
        }
        let places: Vec<String> = (1..=self.columns.len())
            .map(|number| format!("${number}"))
            .collect();
        let sql = format!("{into} VALUES ({})", places.join(", "));
        for row in &self.rows {
            count += executor.execute(&sql, row).await.map_err(failed)?;
        }
        Ok(count)
    }

    async fn update<M: Model, E: Executor>(
        &self,
        executor: &E,
        actor: &Actor,
    ) -> Result<u64, Error> {
        let table = M::TABLE;
        let failed = |cause| Error::of_statement(table, "update many", cause);
        let keys = key_columns::<M>();
        let all: Vec<&'static Field> = keys.iter().chain(&self.columns).copied().collect();
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
        if self.fits_into_arrays() {
            let names: Vec<String> = (0..all.len()).map(|index| format!("d{index}")).collect();
            let these = keys.iter().zip(&names);
            let these: Vec<String> = these
                .map(|(key, name)| format!("{} = changed.{name}", quote_identifier(key.name)))
                .collect();
            let sql = format!(
                "UPDATE {sql_name} SET {} FROM {} AS changed ({}) WHERE {}{live}",
                set(&|index, _| format!("changed.d{index}")),
                unnest(&all),
                names.join(", "),
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

async fn insert_all<M: Model, E: Executor>(
    executor: &E,
    batches: &[Batch<'_>],
) -> Result<u64, Error> {
    let mut count = 0;
    for batch in batches {
        count += batch.insert::<M, E>(executor).await?;
    }
    Ok(count)
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

/// `unnest($1::uuid[], $2::text[])`
fn unnest(columns: &[&Field]) -> String {
    let arrays: Vec<String> = (1..)
        .zip(columns)
        .map(|(number, column)| format!("${number}::{}[]", (column.facts.data_type)()))
        .collect();
    format!("unnest({})", arrays.join(", "))
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
