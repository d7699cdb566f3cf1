//! The prepared statements of one connection, bounded, least recently used out first.

use super::Wire;
use super::columns::{Columns, described, params};
use super::gate::{Begin, Nature};
use super::shape;
use crate::Error;
use crate::pooler::Between;
use bytes::{Bytes, BytesMut};
use lru::LruCache;
use postgres_protocol::message::frontend;
use postgres_types::Type;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Statements whose types are remembered where no names are kept.
const DESCRIBED_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(511);

/// A statement whose types are known.
///
/// One with a name is kept by the server, and is sent by that name. One without is sent whole each time, with its
/// parameters' types, so that it takes one round trip as well, whichever server process that meets.
#[derive(Debug)]
pub(crate) struct Prepared {
    name: String,
    params: Vec<Type>,
    columns: Arc<Columns>,
}

impl Prepared {
    /// A statement that is not kept, with the types its user gives.
    pub(super) fn once(params: Vec<Type>) -> Self {
        Self {
            name: String::new(),
            params,
            columns: Arc::default(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Does the server know it by name?
    pub(super) fn is_kept(&self) -> bool {
        !self.name.is_empty()
    }

    pub(super) fn params(&self) -> &[Type] {
        &self.params
    }

    pub(crate) fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }
}

/// How often a statement may have been out of date before it is no longer kept nor remembered: the tables that it means
/// change from one transaction to the next, as with `SET LOCAL search_path`. It is described anew each time, which costs a
/// round trip and is never out of date.
const STALE_MAX: u8 = 3;

/// Statements by their SQL text.
pub(crate) struct Statements {
    known: Mutex<LruCache<Box<str>, Arc<Prepared>>>,
    /// How often statements were out of date.
    stale: Mutex<LruCache<Box<str>, u8>>,
    /// Out of the above, but somebody may be about to send them.
    leaving: Mutex<Vec<Arc<Prepared>>>,
    keeps_names: AtomicBool,
    is_pooled: AtomicBool,
    names: AtomicU64,
}

impl Statements {
    /// With a capacity of zero no statement is kept on the server.
    pub(super) fn new(capacity: usize) -> Self {
        let keeps_names = capacity > 0;
        let capacity = NonZeroUsize::new(capacity).unwrap_or(DESCRIBED_MAX);
        Self {
            known: Mutex::new(LruCache::new(capacity)),
            stale: Mutex::new(LruCache::new(DESCRIBED_MAX)),
            leaving: Mutex::default(),
            keeps_names: AtomicBool::new(keeps_names),
            is_pooled: AtomicBool::new(false),
            names: AtomicU64::new(0),
        }
    }

    /// Notes what stands between this connection and the server.
    pub(crate) fn between(&self, between: Between) {
        self.is_pooled
            .store(between != Between::Nothing, Ordering::Release);
        if between == Between::Loser {
            self.keeps_names.store(false, Ordering::Release);
        }
    }

    /// Does a pooler stand between?
    pub(crate) fn is_pooled(&self) -> bool {
        self.is_pooled.load(Ordering::Acquire)
    }

    /// How many the server keeps by name.
    pub(super) fn kept(&self) -> usize {
        let known = self.lock();
        known.iter().filter(|(_, known)| known.is_kept()).count()
    }

    pub(super) fn get(&self, sql: &str) -> Option<Arc<Prepared>> {
        self.lock().get(sql).cloned()
    }

    /// Does the server keep statements by their names?
    fn keeps_names(&self) -> bool {
        self.keeps_names.load(Ordering::Acquire)
    }

    /// Is what is known of the statement likely to be out of date when it is sent next?
    fn is_fickle(&self, sql: &str) -> bool {
        let stale = self.stale.lock().unwrap_or_else(PoisonError::into_inner);
        stale.peek(sql).is_some_and(|times| *times >= STALE_MAX)
    }

    fn note_stale(&self, sql: &str) {
        let mut stale = self.stale.lock().unwrap_or_else(PoisonError::into_inner);
        match stale.get_mut(sql) {
            Some(times) => *times = times.saturating_add(1),
            None => drop(stale.push(Box::from(sql), 1)),
        }
    }

    /// A name no other portal of this connection has.
    pub(super) fn portal_name(&self) -> String {
        format!("p{}", self.names.fetch_add(1, Ordering::AcqRel))
    }

    fn name(&self) -> String {
        format!("u{}", self.names.fetch_add(1, Ordering::AcqRel))
    }

    fn leaving(&self) -> MutexGuard<'_, Vec<Arc<Prepared>>> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Box<str>, Arc<Prepared>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire {
    /// Prepares a statement and remembers it. `begin` is that of the transaction it belongs to.
    ///
    /// # Cancel safety
    /// Dropped midway, the server forgets the name with the next request.
    pub(crate) async fn prepare(
        &self,
        begin: Option<&Begin>,
        sql: &str,
    ) -> Result<Arc<Prepared>, Error> {
        if self.statements.is_fickle(sql) {
            return self.describe(begin, sql, String::new()).await;
        }
        let name = match self.statements.keeps_names() {
            true => self.statements.name(),
            false => String::new(),
        };
        let prepared = self.describe(begin, sql, name).await?;
        self.remember(sql, prepared.clone());
        Ok(prepared)
    }

    /// Learns the types of a statement that is sent whole. It is remembered where no names are kept.
    pub(super) async fn describe_whole(&self, sql: &str) -> Result<Arc<Prepared>, Error> {
        let prepared = self.describe(None, sql, String::new()).await?;
        if !self.statements.keeps_names() && !self.statements.is_fickle(sql) {
            self.remember(sql, prepared.clone());
        }
        Ok(prepared)
    }

    fn remember(&self, sql: &str, prepared: Arc<Prepared>) {
        let evicted = self.statements.lock().push(Box::from(sql), prepared);
        if let Some((_, evicted)) = evicted {
            self.forget([evicted]);
        }
    }

    pub(super) async fn describe(
        &self,
        begin: Option<&Begin>,
        sql: &str,
        name: String,
    ) -> Result<Arc<Prepared>, Error> {
        let encode = |out: &mut BytesMut| {
            frontend::parse(&name, sql, None, out).map_err(Error::unsendable)?;
            frontend::describe(b'S', &name, out).map_err(Error::unsendable)?;
            frontend::sync(out);
            Ok(())
        };
        let ticket = self.send(Nature::Statement, begin, encode).await?;
        let name = Unused { wire: self, name };
        let answer = self.finish(ticket, "statement failed").await?;
        let oids = params(answer.params.as_deref().unwrap_or(&[0, 0])).map_err(Error::protocol)?;
        let params = self.types_of(&oids).await?;
        let columns = match answer.columns {
            Some(description) => self.columns(description).await?,
            None => Arc::default(),
        };
        Ok(Arc::new(Prepared {
            name: name.into_used(),
            params,
            columns,
        }))
    }

    /// The columns in a RowDescription.
    pub(super) async fn columns(&self, description: Bytes) -> Result<Arc<Columns>, Error> {
        let (names, oids) = described(&description).map_err(Error::protocol)?;
        let types = self.types_of(&oids).await?;
        Ok(Arc::new(Columns::new(description, names, types)))
    }

    /// A kept statement as one that is sent whole. Behind a pooler it stays so: the pooler would prepare the same text as
    /// the same stale statement.
    pub(super) fn unkeep(&self, sql: &str, kept: &Prepared) -> Arc<Prepared> {
        let whole = Arc::new(Prepared::once(kept.params.clone()));
        if self.statements.is_pooled() {
            let forgotten = self.statements.lock().push(Box::from(sql), whole.clone());
            drop(forgotten);
        }
        whole
    }

    /// Forgets what is known of one statement, and of the types of its values.
    pub(super) fn forget_statement(&self, sql: &str, known: &Prepared) {
        self.types.forget(&known.params);
        let gone = self.statements.lock().pop(sql);
        self.forget(gone);
    }

    /// Forgets a statement whose result is no longer what it was.
    pub(super) fn forget_prepared(&self, prepared: &Arc<Prepared>) {
        let mut known = self.statements.lock();
        let mut all = known.iter();
        let it = all.find(|(_, found)| Arc::ptr_eq(found, prepared));
        let sql = it.map(|(sql, _)| sql.clone());
        let gone = sql.and_then(|sql| known.pop(&sql));
        drop(known);
        self.forget(gone);
    }

    /// The same columns, with types that are made of others looked up anew.
    pub(super) async fn columns_anew(&self, columns: &Arc<Columns>) -> Result<Arc<Columns>, Error> {
        if !columns.has_attributes() {
            return Ok(columns.clone());
        }
        let types = columns.list().iter().map(|column| &column.r#type);
        self.types
            .forget(types.filter(|r#type| shape::has_attributes(r#type)));
        self.columns(columns.description()).await
    }

    /// Forgets all statements and all types, since this statement was out of date, and others may be as well.
    pub(super) fn forget_stale(&self, sql: &str) {
        self.statements.note_stale(sql);
        self.forget_statements();
    }

    /// Forgets all statements and all types.
    pub(crate) fn forget_statements(&self) {
        let mut known = self.statements.lock();
        let all: Vec<_> = known.iter().map(|(_, known)| known.clone()).collect();
        known.clear();
        drop(known);
        self.forget(all);
        self.types.clear();
    }

    /// Lets the server forget statements; the messages travel with the next request. A statement that another task has
    /// taken from the cache and not finished is forgotten later: its name must still be known when it is sent.
    fn forget(&self, gone: impl IntoIterator<Item = Arc<Prepared>>) {
        let mut leaving = self.statements.leaving();
        leaving.extend(gone.into_iter().filter(|prepared| prepared.is_kept()));
        let unused = leaving.extract_if(.., |prepared| Arc::strong_count(prepared) == 1);
        let unused: Vec<_> = unused.collect();
        drop(leaving);
        for prepared in unused {
            self.forget_name(&prepared.name);
        }
    }

    fn forget_name(&self, name: &str) {
        // A name of ours has no zero byte, the only thing that could go wrong.
        self.line()
            .forget(|out| drop(frontend::close(b'S', name, out)));
    }
}

/// A name on its way to the server that nobody uses yet.
struct Unused<'a> {
    wire: &'a Wire,
    name: String,
}

impl Unused<'_> {
    fn into_used(mut self) -> String {
        std::mem::take(&mut self.name)
    }
}

impl Drop for Unused<'_> {
    fn drop(&mut self) {
        if !self.name.is_empty() {
            self.wire.forget_name(&self.name);
        }
    }
}
