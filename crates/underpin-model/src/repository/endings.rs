//! How a list ends: in rows, a page, a stream, a number.

use super::write::not_found;
use crate::doing::Doing;
use crate::keyset::Keyset;
use crate::{
    Cursor, Error, Fault, FaultKind, Find, Model, Order, Page, PageRequest, Place, Statement,
};
use futures_util::future::try_join;
use futures_util::stream::{Stream, StreamExt, TryStreamExt, iter, try_unfold};
#[expect(unused_imports, reason = "for the links of the documentation")]
use underpin_core::ErrorKind;
use underpin_pool::FromRow;

/// Rows that [`all`](Find::all) returns at most.
pub const ALL_ROWS_MAX: u32 = 100_000;
/// Rows that [`stream`](Find::stream) reads at a time.
const STREAM_ROWS: u32 = 1_000;

impl<M: Model, P: Place> Find<'_, M, P> {
    /// All rows.
    ///
    /// # Errors
    /// Whatever the pool reports; [`FaultKind::Limit`] beyond [`ALL_ROWS_MAX`] rows without a [`limit`](Self::limit).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn all(self) -> Result<Vec<M>, Error> {
        self.within_bounds(self.rows(&self.statement()).await?)
    }

    /// All rows, of which only the columns are read that `R` names: `#[derive(FromRow)]` on some fields of the model.
    ///
    /// # Errors
    /// As [`all`](Self::all); [`ErrorKind::Sql`] when the table has no such column.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn all_as<R: FromRow + Send>(self) -> Result<Vec<R>, Error> {
        self.within_bounds(self.rows(&self.statement_as::<R>()).await?)
    }

    fn within_bounds<R>(&self, rows: Vec<R>) -> Result<Vec<R>, Error> {
        if self.limit.is_some() || rows.len() <= ALL_ROWS_MAX as usize {
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
    /// [`FaultKind::NotFound`] when there is none, [`FaultKind::TooManyRows`] when there are several, and whatever the pool
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
            (Some(_), Some(_)) => {
                let kind = FaultKind::TooManyRows;
                let fault = Fault::new(kind, model, None, "has several such rows");
                Err(Error::of(format!("could not find one {model}"), fault)
                    .with_hint("make the condition narrower, or end in `first`, `all` or `page`"))
            }
            (None, _) => Err(not_found::<M>(Doing::Find)),
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
        let (page, total) = try_join(self.read_page(&request), total).await?;
        Ok(Page { total, ..page })
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

    async fn read_page(&self, request: &PageRequest) -> Result<Page<M>, Error> {
        let mut rows = self.rows(&self.page_statement(request)?).await?;
        let wanted = request.rows() as usize;
        // Where it leads to there is more if one row more came; whence it came there is the row of the cursor.
        let has_more = rows.len() > wanted;
        let (has_previous, has_next) = match request.cursor() {
            Some(cursor) if cursor.is_back() => (has_more, true),
            cursor => (cursor.is_some(), has_more),
        };
        rows.truncate(wanted);
        if request.cursor().is_some_and(Cursor::is_back) {
            rows.reverse();
        }
        let keyset = Keyset::new(&self.order)?;
        let cursor = |row: Option<&M>, is_back| {
            let cursor = row.map(|row| keyset.cursor(row, is_back, request.scope()));
            cursor.transpose()
        };
        Ok(Page {
            next: cursor(rows.last().filter(|_| has_next), false)?,
            previous: cursor(rows.first().filter(|_| has_previous), true)?,
            rows,
            total: None,
        })
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
            let Page { rows, next, .. } = list.read_page(&request).await?;
            let request = next.map(|cursor| PageRequest::first(STREAM_ROWS).after(cursor));
            Ok(Some((iter(rows.into_iter().map(Ok)), (list, request))))
        });
        pages.try_flatten().take(limit)
    }
}
