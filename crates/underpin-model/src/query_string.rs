//! Lists that clients describe in a query string, within what a model allows.

use crate::query_parts::Parts;
use crate::{
    AnyColumn, Error, Field, Filter, Find, Kind, Model, Order, Page, PageRequest, Place, Repository,
};
use std::fmt;

/// What clients may filter and sort by, and how much they get at a time.
///
/// The fields come from the model: all of them, except those marked `#[model(private)]` and those whose values no text
/// stands for.
///
/// # Query strings
/// | parameter | means |
/// | --- | --- |
/// | `status=healthy` | equal; for a list: `tags=a,b` has all of these |
/// | `created_at[gte]=2026-01-01` | `eq`, `ne`, `lt`, `lte`, `gt`, `gte` |
/// | `status[in]=healthy,degraded` | `in`, `not_in`; `\,` is a comma inside a value |
/// | `deleted_at[null]=true` | NULL or not |
/// | `title[contains]=fir` | text anywhere, in any case; a list or JSON document with this in it |
/// | `title[starts_with]=fir` | text at the beginning |
/// | `tags[any]=a,b` | at least one of these |
/// | `search=word` | somewhere in the searched columns |
/// | `sort=-created_at,title` | descending with `-` |
/// | `limit=50`, `cursor=…`, `total=true` | which page, and whether to count all |
///
/// Several conditions must all hold. A cursor carries conditions and order: `?cursor=…` alone continues its list.
///
/// # Example
/// ```no_run
/// use underpin_model::{Error, Model, QueryRules, Repositories};
///
/// #[derive(Debug, Clone, Model)]
/// struct Note {
///     #[model(primary_key)]
///     number: i64,
///     tags: Vec<String>,
/// }
///
/// # async fn example(db: underpin_pool::Database) -> Result<(), Error> {
/// let query = QueryRules::<Note>::new().parse("tags=a,b&sort=-number&limit=50")?;
/// let page = db.repository::<Note>().list(query).await?;
/// let next = page.next.map(|cursor| cursor.to_string());
///
/// let error = QueryRules::<Note>::new().parse("taggs=a").unwrap_err();
/// assert_eq!(error.hint(), Some("allowed are: number, tags"));
/// # let _ = next; Ok(()) }
/// ```
#[derive(Clone)]
pub struct QueryRules<M: 'static> {
    fields: Vec<QueryField<M>>,
    rows_default: u32,
    rows_max: u32,
}

/// A field that a query string may name.
pub(crate) struct QueryField<M: 'static> {
    pub(crate) field: &'static Field,
    pub(crate) column: &'static dyn AnyColumn<M>,
}

/// A list that a query string describes, checked.
pub struct ListQuery<M> {
    pub(crate) filter: Filter<M>,
    pub(crate) search: Option<String>,
    pub(crate) order: Vec<Order<M>>,
    pub(crate) page: PageRequest,
    pub(crate) total: bool,
}

impl<M: Model> QueryRules<M> {
    /// Rows of a page unless the client says otherwise.
    pub const ROWS_DEFAULT: u32 = 30;
    /// Rows of a page at most.
    pub const ROWS_MAX: u32 = 100;

    /// What the model allows.
    #[must_use]
    pub fn new() -> Self {
        let columns = M::TABLE.columns.iter();
        let fields = columns.filter(|field| !field.private).filter_map(|field| {
            let column = M::ANY_COLUMNS
                .iter()
                .find(|column| column.name() == field.name)?;
            let is_readable = column.values().kind != Kind::Opaque;
            is_readable.then_some(QueryField {
                field,
                column: *column,
            })
        });
        Self {
            fields: fields.collect(),
            rows_default: Self::ROWS_DEFAULT,
            rows_max: Self::ROWS_MAX,
        }
    }

    /// Only these columns, as far as the model allows them: `only(&[&Note::TITLE, &Note::TAGS])`.
    #[must_use]
    pub fn only(mut self, columns: &[&dyn AnyColumn<M>]) -> Self {
        let is_named = |field: &QueryField<M>| {
            columns
                .iter()
                .any(|column| column.name() == field.column.name())
        };
        self.fields.retain(is_named);
        self
    }

    /// Rows of a page: without a word from the client, and at most.
    #[must_use]
    pub const fn rows(mut self, default: u32, max: u32) -> Self {
        self.rows_default = default;
        self.rows_max = max;
        self
    }

    /// Reads a query string, without the `?`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), naming the parameter and what is allowed: an unknown field or sort
    /// column, an operator the field does not have, a value of another type, a page size out of range, a cursor that is not
    /// of this list. The value itself is in no message.
    pub fn parse(&self, query: &str) -> Result<ListQuery<M>, Error> {
        Parts::read::<M>(query)?.into_list(self)
    }

    /// A field to filter by, or the hint that says which there are.
    pub(crate) fn field(&self, name: &str) -> Result<&QueryField<M>, String> {
        self.find(name, |_| true)
    }

    /// A field to sort by, or the hint that says which there are.
    pub(crate) fn sort_field(&self, name: &str) -> Result<&QueryField<M>, String> {
        self.find(name, |field| field.column.values().kind.is_ordered())
    }

    fn find(
        &self,
        name: &str,
        which: impl Fn(&QueryField<M>) -> bool,
    ) -> Result<&QueryField<M>, String> {
        let mut fields = self.fields.iter().filter(|field| which(field));
        let found = fields.find(|field| field.field.field == name);
        found.ok_or_else(|| format!("allowed are: {}", self.names(which)))
    }

    pub(crate) const fn page_rows(&self) -> (u32, u32) {
        (self.rows_default, self.rows_max)
    }

    fn names(&self, which: impl Fn(&QueryField<M>) -> bool) -> String {
        let names: Vec<&str> = self
            .fields
            .iter()
            .filter(|field| which(field))
            .map(|field| field.field.field)
            .collect();
        names.join(", ")
    }
}

impl<M: Model> Default for QueryRules<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Model, P: Place> Repository<M, P> {
    /// The list that a query describes, to narrow further before it is read: `notes.found_by(&query)?.filter(…)`.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn find_by_query(&self, query: &ListQuery<M>) -> Result<Find<'_, M, P>, Error> {
        let found = match &query.search {
            Some(text) => self.search(text)?.filter(query.filter.clone()),
            None => self.find(query.filter.clone()),
        };
        let found = query.order.iter().cloned().fold(found, Find::order_by);
        Ok(if query.total { found.total() } else { found })
    }

    /// The page that a query asks for.
    ///
    /// # Errors
    /// As [`Find::page`] and [`search`](Self::search).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn list(&self, query: ListQuery<M>) -> Result<Page<M>, Error> {
        self.find_by_query(&query)?.page(query.page).await
    }
}

impl<M> ListQuery<M> {
    /// The page it asks for.
    #[must_use]
    pub const fn page(&self) -> &PageRequest {
        &self.page
    }
}

impl<M: Model> fmt::Debug for QueryRules<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryRules")
            .field("fields", &self.names(|_| true))
            .field("rows_default", &self.rows_default)
            .field("rows_max", &self.rows_max)
            .finish()
    }
}

impl<M> fmt::Debug for ListQuery<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListQuery")
            .field("filter", &self.filter)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

impl<M> Clone for QueryField<M> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}
