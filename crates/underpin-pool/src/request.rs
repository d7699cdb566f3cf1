//! Running statements on a connection: prepared once, prepared again when the plan is out of date.

use crate::observe::TransactionStatus;
use crate::wire::Wire;
use crate::{Error, Params, Row, TypedParams, sqlstate};
use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::future::join;
use postgres_types::Type;
use tokio_postgres::{CopyInSink, CopyOutStream, RowStream, SimpleQueryMessage, Statement};

impl Wire {
    /// Runs statements by the simple protocol.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), Error> {
        let answer = self.drive(self.client().batch_execute(sql)).await;
        answer.map_err(|cause| self.failed("statement failed", cause))
    }

    /// The first value of the first row, as text, by the simple protocol.
    pub(crate) async fn query_one_simple(&self, sql: &str) -> Result<Option<String>, Error> {
        let answer = self.drive(self.client().simple_query(sql)).await;
        let messages = answer.map_err(|cause| self.failed("statement failed", cause))?;
        Ok(messages.into_iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(String::from),
            _ => None,
        }))
    }

    /// Runs a prepared statement and collects its rows; `begin` travels ahead of it in the same packet.
    pub(crate) async fn query(
        &self,
        begin: Option<&str>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Error> {
        if self.unkept().applies_to(sql) {
            return Box::pin(self.query_unkept(begin, sql, params)).await;
        }
        let outcome = match begin {
            None => self.drive(self.rows(sql, params)).await,
            Some(begin) => {
                let begin = self.client().batch_execute(begin);
                let (begun, rows) = self.drive(join(begin, self.rows(sql, params))).await;
                begun.and(rows)
            }
        };
        match outcome {
            Err(cause) if self.may_prepare_again(begin, sql, &cause) => {
                if self.unkept().applies_to(sql) {
                    return Box::pin(self.query_unkept(None, sql, params)).await;
                }
                Box::pin(self.drive(self.rows(sql, params))).await
            }
            outcome => outcome,
        }
        .map_err(|cause| self.failed("statement failed", cause))
    }

    /// Runs a prepared statement and counts the rows it affected.
    pub(crate) async fn execute(
        &self,
        begin: Option<&str>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<u64, Error> {
        if self.unkept().applies_to(sql) {
            return Box::pin(self.execute_unkept(begin, sql, params)).await;
        }
        let outcome = match begin {
            None => self.drive(self.count(sql, params)).await,
            Some(begin) => {
                let begin = self.client().batch_execute(begin);
                let (begun, count) = self.drive(join(begin, self.count(sql, params))).await;
                begun.and(count)
            }
        };
        match outcome {
            Err(cause) if self.may_prepare_again(begin, sql, &cause) => {
                if self.unkept().applies_to(sql) {
                    return Box::pin(self.execute_unkept(None, sql, params)).await;
                }
                Box::pin(self.drive(self.count(sql, params))).await
            }
            outcome => outcome,
        }
        .map_err(|cause| self.failed("statement failed", cause))
    }

    /// Runs a prepared statement and hands out its rows as they come.
    pub(crate) async fn stream(
        &self,
        begin: Option<&str>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<RowStream, Error> {
        if self.unkept().applies_to(sql) {
            return Box::pin(self.stream_unkept(begin, sql, params)).await;
        }
        if let Some(begin) = begin {
            self.batch(begin).await?;
        }
        let start = async {
            let statement = self.prepared(sql).await?;
            self.client()
                .query_raw(&statement, params.iter().copied())
                .await
        };
        self.drive(start)
            .await
            .map_err(|cause| self.failed("statement failed", cause))
    }

    /// Runs a statement once: parsed, run and forgotten in one round trip, whatever stands between us and the server.
    pub(crate) async fn query_once(
        &self,
        sql: &str,
        params: TypedParams<'_>,
    ) -> Result<Vec<Row>, Error> {
        if self.unkept().is_always() && self.unkept().is_pooled() {
            return Box::pin(self.query_once_unkept(sql, params)).await;
        }
        let rows = async {
            let params = params
                .iter()
                .map(|(value, r#type)| (*value, r#type.clone()));
            self.client()
                .query_typed_raw(sql, params)
                .await?
                .map_ok(Row::new)
                .try_collect()
                .await
        };
        self.drive(rows)
            .await
            .map_err(|cause| self.failed("statement failed", cause))
    }

    /// The types of a query's columns; the query is not run.
    pub(crate) async fn column_types(&self, sql: &str) -> Result<Vec<Type>, Error> {
        if self.unkept().applies_to(sql) {
            return Box::pin(self.column_types_unkept(sql)).await;
        }
        let statement = self.drive(self.prepared(sql)).await;
        let statement = statement.map_err(|cause| self.failed("statement failed", cause))?;
        Ok(statement
            .columns()
            .iter()
            .map(|column| column.type_().clone())
            .collect())
    }

    pub(crate) async fn copy_in(&self, copy: &str) -> Result<CopyInSink<Bytes>, Error> {
        let sink = self.drive(self.client().copy_in(copy)).await;
        sink.map_err(|cause| self.failed("COPY failed", cause))
    }

    pub(crate) async fn copy_out(&self, copy: &str) -> Result<CopyOutStream, Error> {
        let data = self.drive(self.client().copy_out(copy)).await;
        data.map_err(|cause| self.failed("COPY failed", cause))
    }

    /// As `query`, on a connection whose socket another task reads and writes.
    pub(crate) async fn query_attended(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Error> {
        match self.rows(sql, params).await {
            Err(cause) if self.may_prepare_again(None, sql, &cause) => {
                Box::pin(self.rows(sql, params)).await
            }
            outcome => outcome,
        }
        .map_err(|cause| self.failed("statement failed", cause))
    }

    /// As `execute`, on a connection whose socket another task reads and writes.
    pub(crate) async fn execute_attended(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<u64, Error> {
        match self.count(sql, params).await {
            Err(cause) if self.may_prepare_again(None, sql, &cause) => {
                Box::pin(self.count(sql, params)).await
            }
            outcome => outcome,
        }
        .map_err(|cause| self.failed("statement failed", cause))
    }

    async fn rows(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, tokio_postgres::Error> {
        let statement = self.prepared(sql).await?;
        let rows = self
            .client()
            .query_raw(&statement, params.iter().copied())
            .await?;
        rows.map_ok(Row::new).try_collect().await
    }

    async fn count(&self, sql: &str, params: Params<'_>) -> Result<u64, tokio_postgres::Error> {
        let statement = self.prepared(sql).await?;
        self.client().execute(&statement, params).await
    }

    async fn prepared(&self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(known) = self.statements().get(sql) {
            return Ok(known);
        }
        let new = self.client().prepare(sql).await?;
        self.statements().insert(sql, new.clone());
        Ok(new)
    }

    /// Is the plan out of date, and may the statement run again because no transaction is open?
    fn may_prepare_again(
        &self,
        begin: Option<&str>,
        sql: &str,
        cause: &tokio_postgres::Error,
    ) -> bool {
        let stale = cause
            .as_db_error()
            .is_some_and(|report| sqlstate::is_stale_plan(report.code().code(), report.message()));
        if stale && self.unkept().is_pooled() {
            self.unkeep(sql);
        }
        let again =
            stale && begin.is_none() && self.transaction_status() == TransactionStatus::Idle;
        if again {
            self.statements().clear();
        }
        again
    }
}
