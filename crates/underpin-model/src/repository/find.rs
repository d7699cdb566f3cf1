//! A list under construction: which rows, in which order, how many.

use super::endings::ALL_ROWS_MAX;
use super::statements::quoted;
use crate::doing::Doing;
use crate::filter::{NOT_DELETED, Node};
use crate::keyset::Keyset;
use crate::{
    Error, Filter, Model, Order, PAGE_ROWS_MAX, PageRequest, Place, Repository, Statement,
    Transactional,
};
use std::fmt;
use underpin_core::ErrorKind;
use underpin_pool::{Executor, FromRow, Row};

/// Which rows, in which order. Ends in `all`, `first`, `one`, `page`, `stream`, `count`, `exists`, or an aggregate.
///
/// Rows that are marked deleted are left out unless [`with_deleted`](Self::with_deleted) or
/// [`only_deleted`](Self::only_deleted) is said. The text of the statement depends on what is asked, never on the values,
/// so it is prepared once a connection.
#[must_use = "a list is not read before it ends in `all`, `page`, `count`, …"]
pub struct Find<'a, M, P> {
    pub(super) repository: &'a Repository<M, P>,
    filter: Filter<M>,
    pub(super) order: Vec<Order<M>>,
    pub(super) limit: Option<u32>,
    deleted: Deleted,
    lock: &'static str,
    pub(super) total: bool,
}

/// Which rows count, of a model that marks them deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deleted {
    Without,
    With,
    Only,
}

impl<M: Model, P: Place> Repository<M, P> {
    /// The rows that fulfil a condition.
    pub const fn find(&self, filter: Filter<M>) -> Find<'_, M, P> {
        Find::new(self, filter)
    }

    /// All rows.
    pub fn find_all(&self) -> Find<'_, M, P> {
        Find::new(self, Filter::all([]))
    }
}

impl<'a, M: Model, P: Place> Find<'a, M, P> {
    pub(crate) const fn new(repository: &'a Repository<M, P>, filter: Filter<M>) -> Self {
        Self {
            repository,
            filter,
            order: Vec::new(),
            limit: None,
            deleted: Deleted::Without,
            lock: "",
            total: false,
        }
    }

    /// Narrows the list further.
    pub fn filter(mut self, filter: Filter<M>) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// Adds a key to the order; the first one counts most.
    pub fn order_by(mut self, order: Order<M>) -> Self {
        self.order.push(order);
        self
    }

    /// Ends the list after this many rows.
    pub const fn limit(mut self, rows: u32) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Includes rows that are marked deleted.
    pub const fn with_deleted(mut self) -> Self {
        self.deleted = Deleted::With;
        self
    }

    /// Only rows that are marked deleted; none of a model that does not mark them.
    pub const fn only_deleted(mut self) -> Self {
        self.deleted = Deleted::Only;
        self
    }

    /// Lets [`page`](Self::page) count the rows of all pages, in a second statement beside the first.
    pub const fn total(mut self) -> Self {
        self.total = true;
        self
    }

    /// Locks the rows until the transaction ends, waiting for others that hold them.
    ///
    /// # Locks
    /// `FOR UPDATE` on each row.
    pub const fn for_update(mut self) -> Self
    where
        P: Transactional,
    {
        self.lock = " FOR UPDATE";
        self
    }

    /// Locks the rows, and leaves out those that others hold: how workers share a queue.
    ///
    /// # Locks
    /// `FOR UPDATE SKIP LOCKED` on each row.
    pub const fn skip_locked(mut self) -> Self
    where
        P: Transactional,
    {
        self.lock = " FOR UPDATE SKIP LOCKED";
        self
    }

    /// The statement of [`all`](Self::all): to look at, or to EXPLAIN.
    #[must_use]
    pub fn statement(&self) -> Statement {
        let mut statement = self.select(M::TABLE.select);
        self.write_tail(&mut statement, &self.order, self.limit);
        statement
    }

    /// The statement of [`all_as`](Self::all_as): to look at, or to EXPLAIN.
    #[must_use]
    pub fn statement_as<R: FromRow>(&self) -> Statement {
        let columns = R::COLUMNS.iter().map(|column| column.name());
        let mut statement = self.select(&quoted(columns));
        self.write_tail(&mut statement, &self.order, self.limit);
        statement
    }

    /// The statement of [`page`](Self::page): to look at, or to EXPLAIN. It asks for one row more, which tells whether there
    /// is another page behind it.
    ///
    /// # Errors
    /// As [`page`](Self::page), without the database.
    pub fn page_statement(&self, request: &PageRequest) -> Result<Statement, Error> {
        let rows = request.rows();
        if !(1..=PAGE_ROWS_MAX).contains(&rows) {
            let message = format!("a page has 1 to {PAGE_ROWS_MAX} rows, not {rows}");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let keyset = Keyset::new(&self.order)?;
        let (keyset, after) = match request.cursor() {
            Some(cursor) => {
                let (keyset, after) = keyset.from(cursor)?;
                (keyset, Some(after))
            }
            None => (keyset, None),
        };
        let mut statement = statement();
        statement.push("SELECT ").push(M::TABLE.select);
        self.write_from(&mut statement, after.as_ref());
        self.write_tail(&mut statement, &keyset.orders(), Some(rows + 1));
        Ok(statement)
    }

    /// `SELECT {what} FROM table WHERE …`: what every ending begins with, and searches and aggregates as well.
    pub(crate) fn select(&self, what: &str) -> Statement {
        let mut statement = statement();
        self.write_select(&mut statement, what);
        statement
    }

    pub(crate) async fn rows<R: FromRow + Send>(
        &self,
        statement: &Statement,
    ) -> Result<Vec<R>, Error> {
        let executor = self.repository.executor();
        let rows = executor
            .query_as(statement.sql(), &statement.values())
            .await;
        rows.map_err(|cause| Self::failed(cause, statement))
    }

    pub(crate) async fn raw_rows(&self, statement: &Statement) -> Result<Vec<Row>, Error> {
        let executor = self.repository.executor();
        let rows = executor.query(statement.sql(), &statement.values()).await;
        rows.map_err(|cause| Self::failed(cause, statement))
    }

    pub(crate) async fn one_row(&self, statement: &Statement) -> Result<Row, Error> {
        let executor = self.repository.executor();
        let row = executor
            .query_one(statement.sql(), &statement.values())
            .await;
        row.map_err(|cause| Self::failed(cause, statement))
    }

    fn failed(cause: underpin_pool::Error, statement: &Statement) -> Error {
        let column_of = |number| statement.origin(number);
        Error::of_statement(M::TABLE, Doing::List, cause, column_of)
    }

    pub(super) fn write_select(&self, to: &mut Statement, what: &str) {
        to.push("SELECT ").push(what);
        self.write_from(to, None);
    }

    fn write_from(&self, to: &mut Statement, after: Option<&Node>) {
        to.push(" FROM ").push(M::TABLE.sql_name);
        let mut word = " WHERE ";
        let deleted = match (self.deleted, M::TABLE.soft_delete) {
            (Deleted::Without, true) => NOT_DELETED,
            (Deleted::Only, true) => "\"deleted_at\" IS NOT NULL",
            (Deleted::Only, false) => "FALSE",
            (Deleted::With, _) | (Deleted::Without, false) => "",
        };
        if !deleted.is_empty() {
            to.push(word).push(deleted);
            word = " AND ";
        }
        for node in [Some(self.filter.node()), after].into_iter().flatten() {
            if !node.is_always_true() {
                to.push(word);
                node.write_conjunct(to, M::TABLE.sql_name, 0);
                word = " AND ";
            }
        }
    }

    fn write_tail(&self, to: &mut Statement, orders: &[Order<M>], limit: Option<u32>) {
        for (index, order) in orders.iter().enumerate() {
            to.push(if index == 0 { " ORDER BY " } else { ", " });
            order.write(to);
        }
        match limit {
            Some(limit) => to.push(" LIMIT ").bind(i64::from(limit)),
            // Not bound: of a bound limit the planner takes it that a tenth of the rows will be read, and prefers plans
            // that begin early to those that end early.
            None => to.push(&format!(" LIMIT {}", ALL_ROWS_MAX + 1)),
        };
        to.push(self.lock);
    }
}

/// An empty statement with room for a usual list.
fn statement() -> Statement {
    const BYTES: usize = 1024;
    Statement::new(String::with_capacity(BYTES))
}

/// The statement's text, without values.
impl<M: Model, P: Place> fmt::Debug for Find<'_, M, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.statement().sql())
    }
}
