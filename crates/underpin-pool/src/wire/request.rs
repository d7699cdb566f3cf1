//! Running statements on a connection: prepared once, prepared again when the plan is out of date.

use super::columns::Columns;
use super::frame::Bodies;
use super::gate::{Begin, Nature};
use super::line::TransactionStatus;
use super::statement::Prepared;
use super::{Answer, Ticket, Wire};
use crate::nul::NulCharacter;
use crate::rows::{Collect, Sink};
use crate::{Error, Params, Row, TypedParams, encode, sqlstate};
use bytes::{Bytes, BytesMut};
use postgres_protocol::message::frontend::{self, BindError};
use postgres_types::{ToSql, Type};
use std::ops::Deref;
use std::sync::Arc;
use underpin_core::{Chain, ErrorKind, counted};

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
        self.note(sql);
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
        self.note(sql);
        within_limit(params.len())?;
        let run = Run {
            nature: Nature::of(sql),
            portal: "",
            rows: 0,
            begin,
            sql,
            params,
        };
        let mut sent = Sent::send(self, &run).await?;
        loop {
            let error = match self.pour::<S>(&sent.ticket, &sent.prepared).await {
                Ok(output) => return Ok(output),
                Err(error) => error,
            };
            sent = Box::pin(sent.again(self, error, &run)).await?;
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
        let once = Arc::new(Prepared::once(types));
        let encode = |out: &mut BytesMut| encode("", 0, sql, &once, &values, out);
        let ticket = self.send(Nature::of(sql), None, encode).await?;
        self.pour::<Collect>(&ticket, &once).await
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
        self.note(sql);
        within_limit(params.len())?;
        let run = Run {
            nature: match Nature::of(sql) {
                Nature::Statement => Nature::Stream,
                other => other,
            },
            portal,
            rows,
            begin,
            sql,
            params,
        };
        let mut sent = Sent::send(self.clone(), &run).await?;
        loop {
            let is_kept = sent.prepared.is_kept();
            let begun = sent.ticket.until(|answer| begun(answer, is_kept)).await?;
            let error = match begun {
                Ok((description, block)) => {
                    let block = block.unwrap_or_default();
                    let columns = self
                        .columns_now(description, &block, &sent.prepared)
                        .await?;
                    return Ok((sent.ticket, columns));
                }
                Err(report) => Self::refused("statement failed", report),
            };
            sent = Box::pin(sent.again(self.clone(), error, &run)).await?;
        }
    }

    /// The types of a query's columns, as they are now; the query is not run.
    pub(crate) async fn column_types(
        &self,
        begin: Option<&Begin>,
        sql: &str,
    ) -> Result<Vec<Type>, Error> {
        let described = self.describe(begin, sql, String::new()).await?;
        let columns = self.columns_anew(described.columns()).await?;
        let types = columns.list().iter().map(|column| column.r#type.clone());
        Ok(types.collect())
    }

    /// Reads an answer into a sink.
    async fn pour<S: Sink>(
        &self,
        ticket: &Ticket<&Self>,
        prepared: &Arc<Prepared>,
    ) -> Result<S::Output, Error> {
        let mut sink = S::default();
        let mut columns = None;
        loop {
            match ticket.until(Step::of).await? {
                Step::Rows(block, description) => {
                    let known = match columns.take() {
                        Some(known) => self.fitting(known, &block, prepared).await?,
                        None => self.columns_now(description, &block, prepared).await?,
                    };
                    sink.rows(&known, block);
                    columns = Some(known);
                }
                Step::End(answer) => {
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
        block: &[u8],
        prepared: &Arc<Prepared>,
    ) -> Result<Arc<Columns>, Error> {
        let columns = match description {
            Some(description) if !prepared.columns().is_described_by(&description) => {
                self.columns(description).await?
            }
            _ => prepared.columns().clone(),
        };
        self.fitting(columns, block, prepared).await
    }

    /// Columns whose types are known as they are now, since rows tell that one has changed.
    async fn fitting(
        &self,
        columns: Arc<Columns>,
        block: &[u8],
        prepared: &Arc<Prepared>,
    ) -> Result<Arc<Columns>, Error> {
        if columns.fit(block) {
            return Ok(columns);
        }
        self.forget_prepared(prepared);
        Box::pin(self.columns_anew(&columns)).await
    }
}

/// A statement that is to be run.
struct Run<'a> {
    nature: Nature,
    portal: &'a str,
    /// How many rows at a time; 0 for all.
    rows: i32,
    /// That of the transaction it belongs to.
    begin: Option<&'a Begin>,
    sql: &'a str,
    params: Params<'a>,
}

impl Run<'_> {
    fn encode(&self, prepared: &Prepared, out: &mut BytesMut) -> Result<(), Error> {
        encode(self.portal, self.rows, self.sql, prepared, self.params, out)
    }
}

/// How often a statement is sent before its being out of date is an error.
const RUNS_MAX: u32 = 4;

/// A statement on its way.
struct Sent<W: Deref<Target = Wire>> {
    ticket: Ticket<W>,
    prepared: Arc<Prepared>,
    /// Has it just been prepared, so that what is known of it is right?
    is_fresh: bool,
    /// How many statements travel ahead of it in the same packet.
    ahead: u16,
    runs: u32,
}

impl<W: Deref<Target = Wire>> Sent<W> {
    /// Sends a statement as it is known, or prepares it before. When the values do not fit what is known from before, the
    /// schema may have changed: the statement is prepared anew, once, and values that do not fit then are an error.
    async fn send(wire: W, run: &Run<'_>) -> Result<Self, Error> {
        let Some(known) = wire.statements.get(run.sql) else {
            let prepared = Box::pin(wire.prepare(run.begin, run.sql)).await?;
            return Self::queue(wire, run, prepared, true).await;
        };
        let mut ahead = 0;
        let encode = |out: &mut BytesMut| {
            ahead = u16::from(run.begin.is_some_and(|begin| !begin.is_sent()));
            run.encode(&known, out)
        };
        match wire.queue(run.nature, run.begin, encode).await {
            Ok(key) => Ok(Self {
                ticket: Ticket::new(wire, key),
                prepared: known,
                is_fresh: false,
                ahead,
                runs: 1,
            }),
            Err(error) if may_be_outdated(&error) => {
                wire.forget_statement(run.sql, &known);
                let prepared = Box::pin(wire.prepare(run.begin, run.sql)).await?;
                Self::queue(wire, run, prepared, true).await
            }
            Err(error) => Err(error),
        }
    }

    /// Sends a statement after a request of the same transaction, so that nothing travels ahead of it.
    async fn queue(
        wire: W,
        run: &Run<'_>,
        prepared: Arc<Prepared>,
        is_fresh: bool,
    ) -> Result<Self, Error> {
        let encode = |out: &mut BytesMut| run.encode(&prepared, out);
        let key = wire.queue(run.nature, run.begin, encode).await?;
        Ok(Self {
            ticket: Ticket::new(wire, key),
            prepared,
            is_fresh,
            ahead: 0,
            runs: 1,
        })
    }

    /// Sends a statement again that failed with `error` because it, or a type of it, was out of date; else the error.
    ///
    /// It is sent whole, in one round trip, so that another change can hardly come between its plan and its run.
    async fn again(self, wire: W, error: Error, run: &Run<'_>) -> Result<Self, Error> {
        let Some(report) = error.server().filter(|report| {
            // A statement that had begun to run may have done something, and what it calls has plans of its own.
            report.is_early(self.ahead) && sqlstate::may_be_stale(report)
        }) else {
            return Err(error);
        };
        let only_plan = sqlstate::is_stale_plan(report);
        // Of a statement that was just prepared the error is more likely the truth.
        let is_stale = only_plan || !self.is_fresh;
        match is_stale {
            true => wire.forget_stale(run.sql),
            false => wire.forget_statement(run.sql, &self.prepared),
        }
        let in_transaction =
            run.begin.is_some() || wire.transaction_status() != TransactionStatus::Idle;
        if in_transaction && is_stale {
            return Err(Error::stale(error));
        }
        if in_transaction || self.runs == RUNS_MAX {
            return Err(error);
        }
        let types_fit = only_plan && self.prepared.is_kept();
        let whole = match types_fit {
            true => wire.unkeep(run.sql, &self.prepared),
            false => wire.describe_whole(run.sql).await?,
        };
        let runs = self.runs + 1;
        // Its place in the line is free before the next one is asked for.
        drop(self);
        let again = Self::queue(wire, run, whole, !types_fit).await?;
        Ok(Self { runs, ..again })
    }
}

/// May a value that was refused here fit the statement as it is now? A NUL character never does.
fn may_be_outdated(error: &Error) -> bool {
    error.kind() == ErrorKind::InvalidInput
        && !Chain(error).iter().any(|cause| cause.is::<NulCharacter>())
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

/// What a result begins with: its columns, where they are described, and its first rows.
type Beginning = (Option<Bytes>, Option<Bytes>);

/// Has the server begun to answer? Then with what, or with what error?
fn begun(answer: &mut Answer, is_kept: bool) -> Option<Result<Beginning, Box<crate::ServerError>>> {
    let described = is_kept || answer.columns.is_some();
    let comes = answer.has_rows() && described;
    match answer.error.take_if(|_| answer.done) {
        Some(report) => Some(Err(report)),
        None => (comes || answer.done)
            .then(|| Ok((answer.columns.take(), answer.first_rows().cloned()))),
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
