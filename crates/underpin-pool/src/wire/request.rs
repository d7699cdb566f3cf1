//! Running statements on a connection: prepared once, prepared again when the plan is out of date.

use super::columns::Columns;
use super::frame::Bodies;
use super::gate::{Begin, Nature};
use super::line::TransactionStatus;
use super::statement::Prepared;
use super::{Answer, Ticket, Wire};
use crate::rows::{Collect, Sink};
use crate::{Error, Params, Row, TypedParams, encode, sqlstate};
use bytes::{Bytes, BytesMut};
use postgres_protocol::message::frontend::{self, BindError};
use postgres_types::{ToSql, Type};
use std::sync::Arc;
use underpin_core::{ErrorKind, counted};

impl Wire {
    /// Runs statements by the simple protocol, outside the transaction of a handle.
    pub(crate) async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.batch_in(None, sql).await
    }

    /// Runs statements by the simple protocol. `begin` is that of the transaction they belong to.
    pub(crate) async fn batch_in(&self, begin: Option<&Begin>, sql: &str) -> Result<(), Error> {
        let nature = Nature::of_batch(sql);
        self.simple(nature, begin, sql).await.map(drop)
    }

    /// Queues what begins, marks or ends a transaction. It is run also when nobody waits for its end.
    pub(crate) async fn control(
        &self,
        begin: Option<&Begin>,
        sql: &str,
    ) -> Result<Ticket<&Self>, Error> {
        self.queue_simple(Nature::Control, begin, sql).await
    }

    /// Queues COMMIT.
    pub(crate) async fn commit(&self, begin: &Begin) -> Result<Ticket<&Self>, Error> {
        self.queue_simple(Nature::Alone, Some(begin), "COMMIT")
            .await
    }

    /// The first value of the first row, as text, by the simple protocol.
    pub(crate) async fn query_one_simple(&self, sql: &str) -> Result<Option<String>, Error> {
        let mut answer = self.simple(Nature::Alone, None, sql).await?;
        let block = answer.next_rows();
        Ok(block.and_then(|block| Bodies(&block).next().and_then(first_text)))
    }

    async fn simple(
        &self,
        nature: Nature,
        begin: Option<&Begin>,
        sql: &str,
    ) -> Result<Answer, Error> {
        let ticket = self.queue_simple(nature, begin, sql).await?;
        self.finish(ticket, "statement failed").await
    }

    async fn queue_simple(
        &self,
        nature: Nature,
        begin: Option<&Begin>,
        sql: &str,
    ) -> Result<Ticket<&Self>, Error> {
        self.begun(begin).await?;
        let encode = |out: &mut BytesMut| frontend::query(sql, out).map_err(Error::unsendable);
        self.send(nature, begin, encode).await
    }

    /// Sends BEGIN on its own, unless it was sent: ahead of a request of the simple protocol it would not be a part of it.
    pub(super) async fn begun(&self, begin: Option<&Begin>) -> Result<(), Error> {
        let Some(begin) = begin.filter(|begin| !begin.is_sent()) else {
            return Ok(());
        };
        let sync = |out: &mut BytesMut| {
            frontend::sync(out);
            Ok(())
        };
        let ticket = self.send(Nature::Control, Some(begin), sync).await?;
        self.finish(ticket, "the transaction could not begin")
            .await
            .map(drop)
    }

    /// Runs a prepared statement and pours its rows into a sink. `begin` is that of the transaction it belongs to.
    pub(crate) async fn fetch<S: Sink>(
        &self,
        begin: Option<&Begin>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<S::Output, Error> {
        within_limit(params.len())?;
        let prepared = match self.statements.get(sql) {
            Some(known) => known,
            None => Box::pin(self.prepare(begin, sql, true)).await?,
        };
        let encode = |out: &mut BytesMut| encode("", 0, sql, &prepared, params, out);
        let ticket = self.send(Nature::of(sql), begin, encode).await?;
        match self.pour::<S>(ticket, &prepared).await {
            Err(error) if self.may_run_again(&prepared, &error) => {
                Box::pin(self.fetch_again::<S>(begin, sql, &prepared, params)).await
            }
            outcome => outcome,
        }
    }

    /// Runs a statement once: parsed, run and forgotten in one round trip, whatever stands between us and the server.
    pub(crate) async fn query_once(
        &self,
        sql: &str,
        params: TypedParams<'_>,
    ) -> Result<Vec<Row>, Error> {
        within_limit(params.len())?;
        let (values, types): (Vec<&(dyn ToSql + Sync)>, Vec<Type>) = params.iter().cloned().unzip();
        let once = Prepared::once(types);
        let encode = |out: &mut BytesMut| encode("", 0, sql, &once, &values, out);
        let ticket = self.send(Nature::of(sql), None, encode).await?;
        self.pour::<Collect>(ticket, &once).await
    }

    /// Starts a prepared statement whose rows are read as they are asked for: through a portal of that name, `rows` at a
    /// time, or all in one answer.
    pub(super) async fn open(
        self: &Arc<Self>,
        begin: Option<&Begin>,
        (portal, rows): (&str, i32),
        sql: &str,
        params: Params<'_>,
    ) -> Result<(Ticket<Arc<Self>>, Arc<Columns>), Error> {
        within_limit(params.len())?;
        let prepared = match self.statements.get(sql) {
            Some(known) => known,
            None => self.prepare(begin, sql, true).await?,
        };
        let encode = |out: &mut BytesMut| encode(portal, rows, sql, &prepared, params, out);
        let nature = match Nature::of(sql) {
            Nature::Statement => Nature::Stream,
            other => other,
        };
        let ticket = self.send_shared(nature, begin, encode).await?;
        let begun = ticket
            .until(|answer| begun(answer, prepared.is_kept()))
            .await?;
        let description = begun.map_err(|report| Self::refused("statement failed", report))?;
        let columns = self.columns_now(description, &prepared).await?;
        Ok((ticket, columns))
    }

    /// The types of a query's columns; the query is not run.
    pub(crate) async fn column_types(
        &self,
        begin: Option<&Begin>,
        sql: &str,
    ) -> Result<Vec<Type>, Error> {
        let prepared = match self.statements.get(sql) {
            Some(known) => known,
            None => self.prepare(begin, sql, true).await?,
        };
        let columns = prepared.columns().list().iter();
        Ok(columns.map(|column| column.r#type.clone()).collect())
    }

    /// Runs a statement again whose plan, or whose types, were out of date.
    ///
    /// It is sent whole, in one round trip, so that another change cannot come between its plan and its run.
    async fn fetch_again<S: Sink>(
        &self,
        begin: Option<&Begin>,
        sql: &str,
        stale: &Prepared,
        params: Params<'_>,
    ) -> Result<S::Output, Error> {
        let whole = match stale.is_kept() {
            true => self.unkeep(sql, stale),
            false => self.prepare(begin, sql, false).await?,
        };
        let encode = |out: &mut BytesMut| encode("", 0, sql, &whole, params, out);
        let ticket = self.send(Nature::of(sql), begin, encode).await?;
        self.pour::<S>(ticket, &whole).await
    }

    /// Is what is known of the statement out of date, and may it run again because nothing of it was done?
    fn may_run_again(&self, prepared: &Prepared, error: &Error) -> bool {
        let Some(report) = error.server() else {
            return false;
        };
        let stale = sqlstate::is_stale_plan(&report.code, &report.message)
            // An error from within a function tells where: the function may have done something.
            || (!prepared.is_kept()
                && sqlstate::is_type_mismatch(&report.code)
                && !report.is_from_within());
        if stale {
            self.forget_statements();
        }
        stale && self.transaction_status() == TransactionStatus::Idle
    }

    /// Reads an answer into a sink.
    async fn pour<S: Sink>(
        &self,
        ticket: Ticket<&Self>,
        prepared: &Prepared,
    ) -> Result<S::Output, Error> {
        let mut sink = S::default();
        let mut columns = prepared.is_kept().then(|| prepared.columns().clone());
        loop {
            let step = ticket.until(Step::of).await?;
            match (step, &columns) {
                (Step::Rows(block, _), Some(columns)) => sink.rows(columns, block),
                (Step::Rows(block, description), None) => {
                    let found = self.columns_now(description, prepared).await?;
                    sink.rows(&found, block);
                    columns = Some(found);
                }
                (Step::End(answer), _) => {
                    return match answer.error {
                        Some(report) => Err(Self::refused("statement failed", report)),
                        None => sink.finish(answer.affected),
                    };
                }
            }
        }
    }

    /// The columns of the result that comes now: as they were prepared, unless the server describes others.
    async fn columns_now(
        &self,
        description: Option<Bytes>,
        prepared: &Prepared,
    ) -> Result<Arc<Columns>, Error> {
        match description {
            Some(description) if !prepared.columns().is_described_by(&description) => {
                self.columns(description).await
            }
            _ => Ok(prepared.columns().clone()),
        }
    }
}

/// What comes next of an answer.
enum Step {
    Rows(Bytes, Option<Bytes>),
    End(Answer),
}

impl Step {
    fn of(answer: &mut Answer) -> Option<Self> {
        match answer.next_rows() {
            Some(block) => Some(Self::Rows(block, answer.columns.take())),
            None => answer.done.then(|| Self::End(answer.take())),
        }
    }
}

/// Has the server begun to answer? Then with which columns, or with what error?
fn begun(
    answer: &mut Answer,
    is_kept: bool,
) -> Option<Result<Option<Bytes>, Box<crate::ServerError>>> {
    let described = is_kept || answer.columns.is_some();
    let comes = answer.has_rows() && described;
    match answer.error.take_if(|_| answer.done) {
        Some(report) => Some(Err(report)),
        None => (comes || answer.done).then(|| Ok(answer.columns.take())),
    }
}

/// A statement without parameters and result, ahead of another one: either both reach the server or none.
pub(super) fn encode_first(sql: &str, out: &mut BytesMut) -> Result<(), Error> {
    frontend::parse("", sql, None, out).map_err(Error::unsendable)?;
    bind("", "", &[], &[], out)?;
    frontend::execute("", 0, out).map_err(Error::unsendable)
}

/// Encodes a run of a prepared statement; `rows` at a time, with 0 for all.
fn encode(
    portal: &str,
    rows: i32,
    sql: &str,
    prepared: &Prepared,
    params: Params<'_>,
    out: &mut BytesMut,
) -> Result<(), Error> {
    let types = prepared.params();
    within_limit(types.len())?;
    if types.len() != params.len() {
        let was = if params.len() == 1 { "was" } else { "were" };
        let message = format!(
            "the statement has {}, {} {was} given",
            counted(types.len(), "parameter"),
            counted(params.len(), "value"),
        );
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    if !prepared.is_kept() {
        let oids = types.iter().map(Type::oid);
        frontend::parse("", sql, oids, out).map_err(Error::unsendable)?;
    }
    bind(portal, prepared.name(), params, types, out)?;
    if !prepared.is_kept() {
        frontend::describe(b'P', portal, out).map_err(Error::unsendable)?;
    }
    frontend::execute(portal, rows, out).map_err(Error::unsendable)?;
    frontend::sync(out);
    Ok(())
}

/// Parameters of one statement at most: the protocol counts them in two bytes.
const PARAMS_MAX: usize = u16::MAX as usize;

/// Refuses more parameters than can be sent, before anything is.
fn within_limit(count: usize) -> Result<(), Error> {
    if count <= PARAMS_MAX {
        return Ok(());
    }
    let message =
        format!("the statement has {count} parameters, PostgreSQL takes at most {PARAMS_MAX}");
    Err(Error::new(ErrorKind::InvalidInput, message).with_hint(
        "pass arrays, one a column: `INSERT … SELECT * FROM unnest($1::bigint[], $2::text[])`, \
         `WHERE id = ANY($1)`; COPY and `bulk_create` take any number of rows",
    ))
}

/// Binds values to a portal; everything goes and comes in binary, unless a value prefers text.
fn bind(
    portal: &str,
    statement: &str,
    params: Params<'_>,
    types: &[Type],
    out: &mut BytesMut,
) -> Result<(), Error> {
    let mut number = 0;
    let values = params.iter().zip(types);
    let formats = values
        .clone()
        .map(|(value, r#type)| value.encode_format(r#type) as i16);
    let encode = |(value, r#type): (&&(dyn ToSql + Sync), &Type), out: &mut BytesMut| {
        number += 1;
        encode::write_value(*value, r#type, out).map(|is_null| match is_null {
            postgres_types::IsNull::Yes => postgres_protocol::IsNull::Yes,
            postgres_types::IsNull::No => postgres_protocol::IsNull::No,
        })
    };
    let bound = frontend::bind(portal, statement, formats, values, encode, Some(1), out);
    bound.map_err(|failure| match failure {
        BindError::Conversion(cause) => {
            let r#type = types.get(number - 1).unwrap_or(&Type::UNKNOWN);
            encode::misfit("of parameter $", number, r#type, cause)
        }
        BindError::Serialization(cause) => Error::unsendable(cause),
    })
}

/// The first value of a row that came as text.
fn first_text(row: &[u8]) -> Option<String> {
    let (length, rest) = row.get(2..)?.split_first_chunk()?;
    let length = usize::try_from(i32::from_be_bytes(*length)).ok()?;
    Some(String::from_utf8_lossy(rest.get(..length)?).into_owned())
}
