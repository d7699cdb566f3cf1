//! What can run a statement: the pool, a session, a transaction, a savepoint.

use crate::{Error, FromRow, Params, Row};
use underpin_core::ErrorKind;

/// Runs statements. Repositories take `&impl Executor`, so that the same code serves autocommit and transactions.
///
/// # Cancel safety
/// Every future may be dropped at any point. The statement may or may not have run; the connection is cleaned before
/// anybody else uses it.
pub trait Executor: Sync {
    /// Runs a statement and collects its rows.
    ///
    /// # Errors
    /// Whatever the server reports, by kind; [`ErrorKind::CheckoutTimeout`] when no session became free.
    fn query(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> impl Future<Output = Result<Vec<Row>, Error>> + Send;

    /// Runs a statement and counts the rows it affected.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    fn execute(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Runs several statements, separated by semicolons, without parameters and without results.
    ///
    /// Outside a transaction they share an implicit one.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    fn batch(&self, sql: &str) -> impl Future<Output = Result<(), Error>> + Send;

    /// Runs a statement and reads its rows into structs.
    ///
    /// # Errors
    /// As [`query`](Self::query); [`ErrorKind::Decode`] naming the column that is missing or does not fit.
    fn query_as<T: FromRow + Send>(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> impl Future<Output = Result<Vec<T>, Error>> + Send;

    /// Runs a statement that returns one row or none.
    ///
    /// # Errors
    /// As [`query`](Self::query); several rows are [`ErrorKind::TooManyRows`].
    fn query_opt(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send {
        async move { at_most_one(self.query(sql, params).await?) }
    }

    /// Runs a statement that returns exactly one row.
    ///
    /// # Errors
    /// As [`query_opt`](Self::query_opt); no row is [`ErrorKind::NotFound`].
    fn query_one(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> impl Future<Output = Result<Row, Error>> + Send {
        async move {
            at_most_one(self.query(sql, params).await?)?
                .ok_or_else(|| Error::new(ErrorKind::NotFound, "the query found no row"))
        }
    }
}

fn at_most_one(rows: Vec<Row>) -> Result<Option<Row>, Error> {
    let count = rows.len();
    if count > 1 {
        return Err(Error::new(
            ErrorKind::TooManyRows,
            format!("the query returned {count} rows where at most one was expected"),
        )
        .with_hint(
            "make its condition narrower, add ORDER BY … LIMIT 1, or read all rows with `query`",
        ));
    }
    Ok(rows.into_iter().next())
}

/// Makes a type an executor that has `fetch`, which pours rows into a sink, and `run_batch`; also gives it the trait's
/// methods without importing the trait.
macro_rules! executor {
    ($type:ty) => {
        impl crate::Executor for $type {
            async fn query(
                &self,
                sql: &str,
                params: crate::Params<'_>,
            ) -> Result<Vec<crate::Row>, crate::Error> {
                self.fetch::<crate::rows::Collect>(sql, params).await
            }

            async fn query_as<T: crate::FromRow + Send>(
                &self,
                sql: &str,
                params: crate::Params<'_>,
            ) -> Result<Vec<T>, crate::Error> {
                self.fetch::<crate::rows::Structs<T>>(sql, params).await
            }

            async fn execute(
                &self,
                sql: &str,
                params: crate::Params<'_>,
            ) -> Result<u64, crate::Error> {
                self.fetch::<crate::rows::Count>(sql, params).await
            }

            async fn batch(&self, sql: &str) -> Result<(), crate::Error> {
                self.run_batch(sql).await
            }
        }

        impl $type {
            /// See [`Executor::query`](crate::Executor::query).
            ///
            /// # Errors
            /// Whatever the server reports, by kind.
            pub async fn query(
                &self,
                sql: &str,
                params: crate::Params<'_>,
            ) -> Result<Vec<crate::Row>, crate::Error> {
                crate::Executor::query(self, sql, params).await
            }

            /// See [`Executor::query_as`](crate::Executor::query_as).
            ///
            /// # Errors
            /// As [`query`](Self::query), and when a column is missing or does not fit.
            pub async fn query_as<T: crate::FromRow + Send>(
                &self,
                sql: &str,
                params: crate::Params<'_>,
            ) -> Result<Vec<T>, crate::Error> {
                crate::Executor::query_as(self, sql, params).await
            }

            /// See [`Executor::query_opt`](crate::Executor::query_opt).
            ///
            /// # Errors
            /// As [`query`](Self::query), and `TooManyRows` when there are several.
            pub async fn query_opt(
                &self,
                sql: &str,
                params: crate::Params<'_>,
            ) -> Result<Option<crate::Row>, crate::Error> {
                crate::Executor::query_opt(self, sql, params).await
            }

            /// See [`Executor::query_one`](crate::Executor::query_one).
            ///
            /// # Errors
            /// As [`query_opt`](Self::query_opt), and `NotFound` when there is no row.
            pub async fn query_one(
                &self,
                sql: &str,
                params: crate::Params<'_>,
            ) -> Result<crate::Row, crate::Error> {
                crate::Executor::query_one(self, sql, params).await
            }

            /// See [`Executor::execute`](crate::Executor::execute).
            ///
            /// # Errors
            /// As [`query`](Self::query).
            pub async fn execute(
                &self,
                sql: &str,
                params: crate::Params<'_>,
            ) -> Result<u64, crate::Error> {
                crate::Executor::execute(self, sql, params).await
            }

            /// See [`Executor::batch`](crate::Executor::batch).
            ///
            /// # Errors
            /// As [`query`](Self::query).
            pub async fn batch(&self, sql: &str) -> Result<(), crate::Error> {
                crate::Executor::batch(self, sql).await
            }
        }
    };
}
pub(crate) use executor;
