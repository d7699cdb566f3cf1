//! A list under construction: which rows, in which order, how many.

use crate::filter::{NOT_DELETED, Node};
use crate::keyset::Keyset;
use crate::{
    Cursor, Error, Fault, FaultKind, Filter, Model, Order, PAGE_ROWS_MAX, Page, PageRequest, Place,
    Repository, Statement, Transactional,
};
use futures_util::future::try_join;
use futures_util::stream::{Stream, StreamExt, TryStreamExt, iter, try_unfold};
use std::fmt;
use underpin_core::ErrorKind;
use underpin_pool::{Executor, Row};

/// Rows that [`all`](Find::all) returns at most.
pub const ALL_ROWS_MAX: u32 = 100_000;
/// Rows that [`stream`](Find::stream) reads at a time.
const STREAM_ROWS: u32 = 1_000;

/// Which rows, in which order. Ends in `all`, `first`, `one`, `page`, `stream`, `count`, `exists`, or an aggregate.
///
/// Rows that are marked deleted are left out unless [`with_deleted`](Self::with_deleted) or
/// [`only_deleted`](Self::only_deleted) is said. The text of the statement depends on what is asked, never on the values,
/// so it is prepared once a connection.
#[must_use = "a list is not read before it ends in `all`, `page`, `count`, …"]
pub struct Find<'a, M, P> {
    repository: &'a Repository<M, P>,
    filter: Filter<M>,
    order: Vec<Order<M>>,
    limit: Option<u32>,
    deleted: Deleted,
    lock: &'static str,
    total: bool,
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

    /// All rows.
    ///
    /// # Errors
    /// Whatever the pool reports; [`FaultKind::Limit`] beyond [`ALL_ROWS_MAX`] rows without a [`limit`](Self::limit).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn all(self) -> Result<Vec<M>, Error> {
        let is_limited = self.limit.is_some();
        let list = if is_limited {
            self
        } else {
            self.limit(ALL_ROWS_MAX + 1)
        };
        let rows = list.rows(&list.statement()).await?;
        if is_limited || rows.len() <= ALL_ROWS_MAX as usize {
            return Ok(rows);
        }
        let fault = Fault::new(
            FaultKind::Limit,
            M::TABLE.model,
            None,
            "has more rows than fit into one list",
        );
        Err(
            Error::of(format!("there are more than {ALL_ROWS_MAX} rows"), fault)
                .with_hint("read them with `stream()`, page by page, or set a `limit`"),
        )
    }

    /// The first row in the order; by primary key when there is no order.
    ///
    /// # Errors
    /// Whatever the pool reports. No row is no error.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn first(self) -> Result<Option<M>, Error> {
        let list = self.ordered().limit(1);
        Ok(list.rows(&list.statement()).await?.pop())
    }

    /// The only row.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] when there is none, [`ErrorKind::Internal`] when there are several, and whatever the pool
    /// reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn one(self) -> Result<M, Error> {
        let list = self.limit(2);
        let mut rows = list.rows(&list.statement()).await?;
        let model = M::TABLE.model;
        match (rows.pop(), rows.pop()) {
            (Some(row), None) => Ok(row),
            (Some(_), Some(_)) => Err(Error::new(
                ErrorKind::Internal,
                format!("several rows of {model} were found where one was expected"),
            )),
            (None, _) => {
                let fault = Fault::new(FaultKind::NotFound, model, None, "has no such row");
                Err(Error::of("no row was found", fault))
            }
        }
    }

    /// One page. Rows with equal keys come in the order of their primary key, so that a walk over all pages shows each row
    /// that was there all the time exactly once, whatever is inserted meanwhile.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the cursor belongs to another list or the page is too large; an order by distance or
    /// rank has no pages; whatever the pool reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn page(self, request: PageRequest) -> Result<Page<M>, Error> {
        let total = async {
            match self.total {
                true => self.count_rows().await.map(Some),
                false => Ok(None),
            }
        };
        let ((rows, next), total) = try_join(self.read_page(&request), total).await?;
        Ok(Page { rows, next, total })
    }

    /// How many rows there are, whatever order and limit.
    ///
    /// # Errors
    /// Whatever the pool reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn count(self) -> Result<u64, Error> {
        self.count_rows().await
    }

    /// Is there any such row?
    ///
    /// # Errors
    /// Whatever the pool reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn exists(self) -> Result<bool, Error> {
        let mut statement = Statement::new("SELECT EXISTS (");
        self.write_select(&mut statement, "1");
        statement.push(")");
        Ok(self.one_row(&statement).await?.get(0)?)
    }

    /// The statement of [`all`](Self::all): to look at, or to EXPLAIN.
    #[must_use]
    pub fn statement(&self) -> Statement {
        let mut statement = self.select(M::TABLE.select);
        self.write_tail(&mut statement, &self.order, self.limit);
        statement
    }

    /// The statement of [`page`](Self::page): to look at, or to EXPLAIN. It asks for one row more, which tells whether there
    /// is a next page.
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
        let after = request
            .cursor()
            .map(|cursor| keyset.after(cursor))
            .transpose()?;
        let mut statement = Statement::new("SELECT ");
        statement.push(M::TABLE.select);
        self.write_from(&mut statement, after);
        self.write_tail(&mut statement, &keyset.orders(), Some(rows + 1));
        Ok(statement)
    }

    /// `SELECT {what} FROM table WHERE …`: what every ending begins with, and searches and aggregates as well.
    pub(crate) fn select(&self, what: &str) -> Statement {
        let mut statement = Statement::default();
        self.write_select(&mut statement, what);
        statement
    }

    pub(crate) async fn rows(&self, statement: &Statement) -> Result<Vec<M>, Error> {
        let executor = self.repository.executor();
        let rows = executor
            .query_as(statement.sql(), &statement.values())
            .await;
        rows.map_err(Self::failed)
    }

    pub(crate) async fn raw_rows(&self, statement: &Statement) -> Result<Vec<Row>, Error> {
        let executor = self.repository.executor();
        let rows = executor.query(statement.sql(), &statement.values()).await;
        rows.map_err(Self::failed)
    }

    pub(crate) async fn one_row(&self, statement: &Statement) -> Result<Row, Error> {
        let executor = self.repository.executor();
        let row = executor
            .query_one(statement.sql(), &statement.values())
            .await;
        row.map_err(Self::failed)
    }

    fn failed(cause: underpin_pool::Error) -> Error {
        Error::of_statement(M::TABLE, "list", cause)
    }

    async fn read_page(&self, request: &PageRequest) -> Result<(Vec<M>, Option<Cursor>), Error> {
        let mut rows = self.rows(&self.page_statement(request)?).await?;
        let wanted = request.rows() as usize;
        let has_more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = match rows.last() {
            Some(last) if has_more => {
                Some(Keyset::new(&self.order)?.cursor(last, request.scope())?)
            }
            _ => None,
        };
        Ok((rows, next))
    }

    async fn count_rows(&self) -> Result<u64, Error> {
        let count: i64 = self.one_row(&self.select("count(*)")).await?.get(0)?;
        Ok(count.unsigned_abs())
    }

    /// In the order of the primary key when there is no other.
    fn ordered(mut self) -> Self {
        if self.order.is_empty() {
            self.order = M::TABLE
                .key
                .iter()
                .map(|name| Order::column(name, false))
                .collect();
        }
        self
    }

    fn write_select(&self, to: &mut Statement, what: &str) {
        to.push("SELECT ").push(what);
        self.write_from(to, None);
    }

    fn write_from(&self, to: &mut Statement, after: Option<Node>) {
        to.push(" FROM ").push(M::TABLE.sql_name);
        let mut conditions = self.filter.clone();
        if let Some(after) = after {
            conditions = conditions.and(Filter::new(after));
        }
        let deleted = match (self.deleted, M::TABLE.soft_delete) {
            (Deleted::Without, true) => NOT_DELETED,
            (Deleted::Only, true) => "\"deleted_at\" IS NOT NULL",
            (Deleted::Only, false) => "FALSE",
            (Deleted::With, _) | (Deleted::Without, false) => "",
        };
        let is_narrowed = !conditions.node().is_always_true();
        if is_narrowed || !deleted.is_empty() {
            to.push(" WHERE ").push(deleted);
        }
        if is_narrowed {
            to.push(if deleted.is_empty() { "" } else { " AND " });
            conditions.write(to);
        }
    }

    fn write_tail(&self, to: &mut Statement, orders: &[Order<M>], limit: Option<u32>) {
        for (index, order) in orders.iter().enumerate() {
            to.push(if index == 0 { " ORDER BY " } else { ", " });
            order.write(to);
        }
        if let Some(limit) = limit {
            to.push(" LIMIT ").bind(i64::from(limit));
        }
        to.push(self.lock);
    }
}

impl<'a, M: Model, P: Place> Find<'a, M, P> {
    /// All rows, however many, read by pages of 1,000 as they are asked for.
    ///
    /// No session is kept between two pages, however slow the reader is, so each page sees the table as it is then: every
    /// row that is there all the time comes once. For one moment in time, read in a transaction that is `REPEATABLE READ`.
    /// An order that no index serves costs a sort a page; without one, rows come by primary key.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub fn stream(self) -> impl Stream<Item = Result<M, Error>> + Send + 'a
    where
        P: 'a,
    {
        let limit = self.limit.map_or(usize::MAX, |limit| limit as usize);
        let start = (self, Some(PageRequest::first(STREAM_ROWS)));
        let pages = try_unfold(start, |(list, request)| async move {
            let Some(request) = request else {
                return Ok::<_, Error>(None);
            };
            let (rows, next) = list.read_page(&request).await?;
            let request = next.map(|cursor| PageRequest::first(STREAM_ROWS).after(cursor));
            Ok(Some((iter(rows.into_iter().map(Ok)), (list, request))))
        });
        pages.try_flatten().take(limit)
    }
}

impl<M: Model, P: Transactional> Find<'_, M, P> {
    /// Locks the rows until the transaction ends, waiting for others that hold them.
    ///
    /// # Locks
    /// `FOR UPDATE` on each row.
    pub const fn for_update(mut self) -> Self {
        self.lock = " FOR UPDATE";
        self
    }

    /// Locks the rows, and leaves out those that others hold: how workers share a queue.
    ///
    /// # Locks
    /// `FOR UPDATE SKIP LOCKED` on each row.
    pub const fn skip_locked(mut self) -> Self {
        self.lock = " FOR UPDATE SKIP LOCKED";
        self
    }
}

/// The statement's text, without values.
impl<M: Model, P: Place> fmt::Debug for Find<'_, M, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.statement().sql())
    }
}
