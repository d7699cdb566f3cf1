//! Statements without names: where a pooler, or the settings, keep no prepared statements.
//!
//! A statement is described once a connection, inside a transaction of its own (or the caller's), which pins the
//! server process: two round trips, and no name is left behind. From then on its parameters' types are known, and it
//! goes out unnamed with its values, one Sync, in one round trip, whichever server process that meets.

use crate::observe::TransactionStatus;
use crate::pooler::Between;
use crate::wire::Wire;
use crate::{Error, Params, Row, TypedParams, sqlstate};
use futures_util::TryStreamExt;
use futures_util::future::join;
use lru::LruCache;
use postgres_types::{ToSql, Type};
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::MutexGuard as Turn;
use tokio_postgres::RowStream;
use underpin_core::ErrorKind;

/// Ends a transaction in which nothing was done.
const END: &str = "ROLLBACK";

/// A bound parameter.
type Value<'p> = &'p (dyn ToSql + Sync);

/// Statements whose types are remembered a connection.
const DESCRIBED_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(511);

/// All types of the database that are not PostgreSQL's own, as columns. The driver remembers each type it has met; it
/// looks them up with named statements, so all of them are met in one transaction.
const ALL_TYPES: &str = "SELECT 'SELECT ' || string_agg('NULL::' || t.oid::regtype, ', ') FROM (
    SELECT t.oid FROM pg_type t
    LEFT JOIN pg_type item ON item.oid = t.typelem AND t.typcategory = 'A'
    LEFT JOIN pg_class c ON c.oid = coalesce(item.typrelid, t.typrelid)
    WHERE t.oid >= 16384 AND t.typisdefined AND t.typtype IN ('b', 'c', 'd', 'e', 'r', 'm')
      AND (c.oid IS NULL OR c.relkind = 'c') AND has_schema_privilege(t.typnamespace, 'USAGE')
    ORDER BY t.oid DESC LIMIT 1000) t";

/// What one connection knows about the statements it keeps no name for.
pub(crate) struct Unkept {
    always: AtomicBool,
    pooled: AtomicBool,
    /// Some statements are unkept although others are kept.
    some: AtomicBool,
    knows_types: AtomicBool,
    /// None: not described yet.
    described: Mutex<LruCache<Box<str>, Option<Arc<Described>>>>,
    /// Statements take turns: between describing one and the end of that transaction no other may slip in.
    turn: tokio::sync::Mutex<()>,
}

/// The types of a statement's parameters and columns.
struct Described {
    params: Vec<Type>,
    columns: Vec<Type>,
}

impl Unkept {
    pub(crate) fn new(statement_cache: usize) -> Self {
        Self {
            always: AtomicBool::new(statement_cache == 0),
            pooled: AtomicBool::new(false),
            some: AtomicBool::new(false),
            knows_types: AtomicBool::new(false),
            described: Mutex::new(LruCache::new(DESCRIBED_MAX)),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) fn between(&self, between: Between) {
        self.pooled
            .store(between != Between::Nothing, Ordering::Release);
        if between == Between::Loser {
            self.always.store(true, Ordering::Release);
        }
    }

    /// Does a pooler stand between?
    pub(crate) fn is_pooled(&self) -> bool {
        self.pooled.load(Ordering::Acquire)
    }

    /// Is no statement kept on this connection?
    pub(crate) fn is_always(&self) -> bool {
        self.always.load(Ordering::Acquire)
    }

    /// Is this statement not to be kept?
    pub(crate) fn applies_to(&self, sql: &str) -> bool {
        self.is_always() || (self.some.load(Ordering::Acquire) && self.described().contains(sql))
    }

    /// The text that opens a transaction. Behind a pooler that loses names, names that other programs left on the
    /// server process could clash with ours; nobody can miss them.
    pub(crate) fn opening(&self, begin: &str) -> String {
        if self.is_always() && self.is_pooled() {
            format!("{begin}; DEALLOCATE ALL")
        } else {
            String::from(begin)
        }
    }

    fn described(&self) -> MutexGuard<'_, LruCache<Box<str>, Option<Arc<Described>>>> {
        self.described
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, sql: &str) -> Option<Arc<Described>> {
        self.described().get(sql).cloned().flatten()
    }
}

impl Wire {
    pub(crate) async fn query_unkept(
        &self,
        begin: Option<&str>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Error> {
        let run = |values| self.typed_rows(sql, values);
        self.run_unkept(begin, sql, &[], params, run).await
    }

    pub(crate) async fn query_once_unkept(
        &self,
        sql: &str,
        params: TypedParams<'_>,
    ) -> Result<Vec<Row>, Error> {
        let (params, types): (Vec<_>, Vec<_>) = params.iter().cloned().unzip();
        let run = |values| self.typed_rows(sql, values);
        self.run_unkept(None, sql, &types, &params, run).await
    }

    pub(crate) async fn execute_unkept(
        &self,
        begin: Option<&str>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<u64, Error> {
        let run = |values: Vec<_>| async move { self.client().execute_typed(sql, &values).await };
        self.run_unkept(begin, sql, &[], params, run).await
    }

    pub(crate) async fn stream_unkept(
        &self,
        begin: Option<&str>,
        sql: &str,
        params: Params<'_>,
    ) -> Result<RowStream, Error> {
        let run = |values: Vec<_>| async move { self.client().query_typed_raw(sql, values).await };
        self.run_unkept(begin, sql, &[], params, run).await
    }

    /// The types of a statement's columns; it is not run.
    pub(crate) async fn column_types_unkept(&self, sql: &str) -> Result<Vec<Type>, Error> {
        let _turn = self.turn().await;
        let (described, pinned) = self.described(None, sql, &[]).await?;
        if let Some(pinned) = pinned {
            pinned.end().await?;
        }
        Ok(described.columns.clone())
    }

    /// Waits until no other statement is being described on this connection.
    pub(crate) async fn turn(&self) -> Option<Turn<'_, ()>> {
        let unkept = self.unkept();
        if unkept.is_always() || unkept.some.load(Ordering::Acquire) {
            Some(unkept.turn.lock().await)
        } else {
            None
        }
    }

    /// What was prepared is stale behind a pooler, which would prepare the same text as the same statement: keep it no
    /// longer.
    pub(crate) fn unkeep(&self, sql: &str) {
        let forgotten = self.unkept().described().push(Box::from(sql), None);
        drop(forgotten);
        self.unkept().some.store(true, Ordering::Release);
    }

    async fn typed_rows(
        &self,
        sql: &str,
        values: Vec<(Value<'_>, Type)>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let rows = self.client().query_typed_raw(sql, values).await?;
        rows.map_ok(Row::new).try_collect().await
    }

    async fn run_unkept<'p, T, F>(
        &self,
        begin: Option<&str>,
        sql: &str,
        types: &[Type],
        params: Params<'p>,
        run: impl Fn(Vec<(Value<'p>, Type)>) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, tokio_postgres::Error>>,
    {
        let _turn = self.turn().await;
        if let Some(known) = self.unkept().known(sql) {
            let outcome = self.after(begin, run(bind(&known.params, params)?)).await;
            match outcome {
                Err(cause) if self.may_describe_again(begin, sql, &cause) => {}
                outcome => return outcome.map_err(|cause| self.failed("statement failed", cause)),
            }
        }
        let (described, pinned) = self.described(begin, sql, types).await?;
        let statement = run(bind(&described.params, params)?);
        let outcome = match pinned {
            None => self.drive(statement).await,
            Some(pinned) => {
                let outcome = self.after(Some(END), statement).await;
                pinned.ended();
                outcome
            }
        };
        outcome.map_err(|cause| self.failed("statement failed", cause))
    }

    /// Runs a request behind a statement that travels ahead in the same packet.
    async fn after<T>(
        &self,
        first: Option<&str>,
        request: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, tokio_postgres::Error> {
        match first {
            None => self.drive(request).await,
            Some(first) => {
                let first = self.client().batch_execute(first);
                let (first, outcome) = self.drive(join(first, request)).await;
                first.and(outcome)
            }
        }
    }

    /// Describes a statement and remembers its types; outside a transaction in one of its own, still open afterwards.
    async fn described(
        &self,
        begin: Option<&str>,
        sql: &str,
        types: &[Type],
    ) -> Result<(Arc<Described>, Option<Pinned<&Self>>), Error> {
        let mut begin = begin.map(String::from);
        let mut pinned = None;
        if begin.is_none() {
            self.quiesce().await;
            if self.transaction_status() == TransactionStatus::Idle {
                begin = Some(self.unkept().opening("BEGIN"));
                pinned = Some(Pinned::new(self));
            }
        }
        let described = match (self.describe(begin.as_deref(), sql, types).await, pinned) {
            (Ok(described), open) => {
                pinned = open;
                Arc::new(described)
            }
            (Err(error), open) => {
                if let Some(pinned) = open {
                    pinned.end().await?;
                }
                return Err(error);
            }
        };
        let forgotten = self
            .unkept()
            .described()
            .push(Box::from(sql), Some(described.clone()));
        drop(forgotten);
        Ok((described, pinned))
    }

    async fn describe(
        &self,
        begin: Option<&str>,
        sql: &str,
        types: &[Type],
    ) -> Result<Described, Error> {
        // A pooler that keeps statements would take the same text for the one that is stale.
        let fresh = (!self.unkept().is_always())
            .then(|| format!("{sql}\n/* {:016x} */", rand::random::<u64>()));
        let prepare = self
            .client()
            .prepare_typed(fresh.as_deref().unwrap_or(sql), types);
        let prepared = self.after(begin, prepare).await;
        let statement = prepared.map_err(|cause| self.failed("statement failed", cause))?;
        let columns = statement.columns().iter();
        let described = Described {
            params: statement.params().to_vec(),
            columns: columns.map(|column| column.type_().clone()).collect(),
        };
        // Closes the name: before the end of the transaction, so that it reaches the process that has it.
        drop(statement);
        let mut all = described.params.iter().chain(&described.columns);
        if all.any(|known| Type::from_oid(known.oid()).is_none()) {
            self.meet_all_types().await?;
        }
        Ok(described)
    }

    /// Lets the driver look up all types there are, once a connection.
    async fn meet_all_types(&self) -> Result<(), Error> {
        if self.unkept().knows_types.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.batch("SAVEPOINT underpin_types").await?;
        let meeting = async {
            if let Some(all) = self.query_one_simple(ALL_TYPES).await? {
                let prepared = self.drive(self.client().prepare(&all)).await;
                prepared.map_err(|cause| self.failed("could not look up types", cause))?;
            }
            Ok::<(), Error>(())
        };
        let met = meeting.await;
        self.batch("ROLLBACK TO underpin_types; RELEASE underpin_types")
            .await?;
        // Types that are not met here are looked up when they come; that fails on another server process.
        if let Err(error) = met {
            tracing::debug!(error = %underpin_core::Chain(&error), "could not look up all types");
        }
        Ok(())
    }

    /// Do the remembered types no longer fit, and may the statement run again because nothing of it was done?
    fn may_describe_again(
        &self,
        begin: Option<&str>,
        sql: &str,
        cause: &tokio_postgres::Error,
    ) -> bool {
        let Some(report) = cause.as_db_error() else {
            return false;
        };
        // An error from within a function tells where: the function may have done something.
        let again = sqlstate::is_type_mismatch(report.code().code()) && report.where_().is_none();
        if again {
            self.unkept().described().pop(sql);
        }
        again && begin.is_none() && self.transaction_status() == TransactionStatus::Idle
    }
}

/// A transaction that only keeps a connection on one server process. Dropping it rolls back.
pub(crate) struct Pinned<W: Deref<Target = Wire>> {
    wire: W,
    ended: bool,
}

impl<W: Deref<Target = Wire>> Pinned<W> {
    pub(crate) fn new(wire: W) -> Self {
        Self { wire, ended: false }
    }

    /// Opens a transaction for a statement that the driver can only run by a name, such as COPY; None when one is open,
    /// or when names are kept.
    pub(crate) async fn open(wire: W) -> Result<Option<Self>, Error> {
        if !wire.unkept().is_always() {
            return Ok(None);
        }
        wire.quiesce().await;
        if wire.transaction_status() != TransactionStatus::Idle {
            return Ok(None);
        }
        let pinned = Self::new(wire);
        let opening = pinned.wire.unkept().opening("BEGIN");
        pinned.wire.batch(&opening).await?;
        Ok(Some(pinned))
    }

    /// Makes what was done in it last.
    pub(crate) async fn commit(mut self) -> Result<(), Error> {
        self.wire.batch("COMMIT").await?;
        self.ended = true;
        Ok(())
    }

    async fn end(mut self) -> Result<(), Error> {
        self.wire.batch(END).await?;
        self.ended = true;
        Ok(())
    }

    /// Its end was sent and answered.
    fn ended(mut self) {
        self.ended = true;
    }
}

impl<W: Deref<Target = Wire>> Drop for Pinned<W> {
    fn drop(&mut self) {
        if !self.ended {
            self.wire.batch_unattended(END);
        }
    }
}

fn bind<'p>(types: &[Type], params: Params<'p>) -> Result<Vec<(Value<'p>, Type)>, Error> {
    if types.len() != params.len() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!(
                "the statement has {} parameters, {} values were given",
                types.len(),
                params.len()
            ),
        ));
    }
    Ok(params.iter().copied().zip(types.iter().cloned()).collect())
}
