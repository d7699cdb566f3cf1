//! Many new rows: arrays in one statement, or COPY.

use super::{STATEMENT_ROWS_MAX, fit_into_arrays, in_row, together, unnested};
use crate::array::ArrayOf;
use crate::doing::Doing;
use crate::repository::statements::{assigned, quoted};
use crate::statement::Origin;
use crate::{Actor, DbValue, Error, Field, Model, NewRow, Place, Repository, Value, validate};
use std::collections::BTreeMap;
use underpin_pool::{CopyIn, Executor, Session, Transaction};

/// From this many rows on COPY is faster than arrays, although it takes a round trip more. For fewer, the two take turns:
/// of 1,000 rows PostgreSQL 15 takes arrays in seven eighths of the time.
const COPY_ROWS_MIN: usize = 2_000;

impl<M: Model, P: Place> Repository<M, P> {
    /// Writes many new rows, all or none, and counts them. Give them ids when you need to know them.
    ///
    /// One row is a plain INSERT, some are arrays in one statement, from 2,000 on it is COPY, inside a transaction as well.
    /// Models with array columns, which do not fit into arrays, take COPY for any number from two on.
    ///
    /// # Errors
    /// As [`create`](Self::create); a value that validation refuses names its row. Nothing is written then, inside a
    /// transaction neither.
    ///
    /// # Cancel safety
    /// Dropped midway, all rows are there or none; inside a transaction, roll it back.
    pub async fn bulk_create(&self, mut rows: Vec<M::New>, actor: &Actor) -> Result<u64, Error> {
        rows.iter_mut().for_each(NewRow::fill);
        let batches = batches::<M>(&rows, actor)?;
        let failed = |cause| Error::of_statement(M::TABLE, Doing::CreateMany, cause, |_| None);
        match (batches.as_slice(), self.place().database()) {
            ([], _) => Ok(0),
            ([batch], Some(database)) if batch.wants_copy() => {
                let session = database.checkout().await.map_err(failed)?;
                batch.copy(Copier::Session(&session)).await
            }
            ([batch], Some(database)) => batch.insert(database).await,
            (_, Some(database)) => {
                let tx = database.begin().await.map_err(failed)?;
                let count = write_all(&batches, &tx, Some(&tx)).await?;
                tx.commit().await.map_err(failed)?;
                Ok(count)
            }
            (_, None) => {
                let transaction = self.place().transaction();
                let write = write_all(&batches, self.executor(), transaction);
                together(transaction.filter(|_| batches.len() > 1), write).await
            }
        }
    }
}

/// Rows that give the same columns.
struct Batch<'a, M: Model> {
    columns: Vec<&'static Field>,
    rows: Vec<&'a M::New>,
    actor: &'a Actor,
}

/// Validates rows, and puts those together that give the same columns.
fn batches<'a, M: Model>(rows: &'a [M::New], actor: &'a Actor) -> Result<Vec<Batch<'a, M>>, Error> {
    let mut batches: BTreeMap<Vec<bool>, Batch<'a, M>> = BTreeMap::new();
    let (mut given, mut shape) = (Vec::new(), Vec::new());
    for (number, row) in rows.iter().enumerate() {
        given.clear();
        row.write_values(&mut given);
        validate::new_row(M::TABLE, &given).map_err(|error| in_row(number, error))?;
        shape.clear();
        shape.extend(given.iter().map(Option::is_some));
        match batches.get_mut(&shape) {
            Some(batch) => batch.rows.push(row),
            None => {
                let columns = assigned(M::TABLE, &given, actor).map(|(column, _)| column);
                let batch = Batch {
                    columns: columns.collect(),
                    rows: vec![row],
                    actor,
                };
                batches.insert(shape.clone(), batch);
            }
        }
    }
    Ok(batches.into_values().collect())
}

async fn write_all<M: Model, E: Executor>(
    batches: &[Batch<'_, M>],
    executor: &E,
    transaction: Option<&Transaction<'_>>,
) -> Result<u64, Error> {
    let mut count = 0;
    for batch in batches {
        count += match transaction {
            Some(tx) if batch.wants_copy() => batch.copy(Copier::Transaction(tx)).await?,
            _ => batch.insert(executor).await?,
        };
    }
    Ok(count)
}

/// What can COPY.
enum Copier<'a> {
    Session(&'a Session),
    Transaction(&'a Transaction<'a>),
}

impl<'a> Copier<'a> {
    async fn begin(
        self,
        table: &str,
        columns: &[&str],
    ) -> Result<CopyIn<'a>, underpin_pool::Error> {
        match self {
            Self::Session(session) => session.copy_in(table, columns).await,
            Self::Transaction(tx) => tx.copy_in(table, columns).await,
        }
    }
}

impl<'a, M: Model> Batch<'a, M> {
    fn wants_copy(&self) -> bool {
        let count = self.rows.len();
        count >= COPY_ROWS_MIN || (count > 1 && !fit_into_arrays(&self.columns))
    }

    /// Encodes row after row while the server works on those before.
    async fn copy(&self, copier: Copier<'_>) -> Result<u64, Error> {
        let table = match M::TABLE.schema {
            Some(schema) => format!("{schema}.{}", M::TABLE.name),
            None => String::from(M::TABLE.name),
        };
        let columns: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let copied = async {
            let mut copy = copier.begin(&table, &columns).await?;
            let mut values = Values::of(self);
            while let Some(row) = values.next_row() {
                copy.write(row).await?;
            }
            copy.finish().await
        };
        let count = copied.await;
        count.map_err(|cause| self.failed(Doing::CopyMany, cause))
    }

    fn failed(&self, doing: Doing, cause: underpin_pool::Error) -> Error {
        let column_of = Origin::nth(self.columns.iter().map(|column| column.name));
        Error::of_statement(M::TABLE, doing, cause, column_of)
    }

    async fn insert<E: Executor>(&self, executor: &E) -> Result<u64, Error> {
        let names = quoted(self.columns.iter().map(|column| column.name));
        let into = format!("INSERT INTO {} ({names})", M::TABLE.sql_name);
        let failed = |cause| self.failed(Doing::CreateMany, cause);
        let mut values = Values::of(self);
        let mut count = 0;
        if self.rows.len() > 1 && fit_into_arrays(&self.columns) {
            let sql = format!("{into} SELECT {}", unnested(&self.columns).join(", "));
            while let Some(arrays) = values.next_arrays(STATEMENT_ROWS_MAX) {
                let arrays: Vec<Value<'_>> = arrays.iter().map(|array| array as _).collect();
                count += executor.execute(&sql, &arrays).await.map_err(failed)?;
            }
            return Ok(count);
        }
        let places: Vec<String> = (1..=self.columns.len())
            .map(|number| format!("${number}"))
            .collect();
        let sql = format!("{into} VALUES ({})", places.join(", "));
        while let Some(row) = values.next_row() {
            count += executor.execute(&sql, row).await.map_err(failed)?;
        }
        Ok(count)
    }
}

/// The values of a batch, row by row, in buffers that serve for all of them.
struct Values<'a, 'b, M: Model> {
    rows: std::slice::Iter<'b, &'a M::New>,
    columns: usize,
    actor: &'a Actor,
    given: Vec<Option<&'a dyn DbValue>>,
    row: Vec<Value<'a>>,
}

impl<'a, 'b, M: Model> Values<'a, 'b, M> {
    fn of(batch: &'b Batch<'a, M>) -> Self {
        Self {
            rows: batch.rows.iter(),
            columns: batch.columns.len(),
            actor: batch.actor,
            given: Vec::new(),
            row: Vec::new(),
        }
    }

    fn next_row(&mut self) -> Option<&[Value<'a>]> {
        let row: &'a M::New = self.rows.next()?;
        self.given.clear();
        row.write_values(&mut self.given);
        self.row.clear();
        let assigned = assigned(M::TABLE, &self.given, self.actor);
        self.row.extend(assigned.map(|(_, value)| value));
        Some(&self.row)
    }

    /// Up to `most` rows as columns.
    fn next_arrays(&mut self, most: usize) -> Option<Vec<ArrayOf<'a>>> {
        let count = self.rows.len().min(most);
        if count == 0 {
            return None;
        }
        let array = || ArrayOf(Vec::with_capacity(count));
        let mut arrays: Vec<_> = std::iter::repeat_with(array).take(self.columns).collect();
        for _ in 0..count {
            let row = self.next_row()?;
            for (array, value) in arrays.iter_mut().zip(row) {
                array.0.push(*value);
            }
        }
        Some(arrays)
    }
}
