//! Pages of a list: how much is asked for, and what comes back.

use crate::Cursor;

/// Rows of a page at most.
pub const PAGE_ROWS_MAX: u32 = 10_000;

/// Which page of a list.
///
/// # Example
/// ```
/// use underpin_model::PageRequest;
///
/// let first = PageRequest::first(50);
/// assert_eq!(first.rows(), 50);
/// assert!(first.cursor().is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    rows: u32,
    after: Option<Cursor>,
    scope: String,
}

impl PageRequest {
    /// The first `rows` rows, 1 to [`PAGE_ROWS_MAX`].
    #[must_use]
    pub const fn first(rows: u32) -> Self {
        Self {
            rows,
            after: None,
            scope: String::new(),
        }
    }

    /// The rows next to those of another page: hand in its [`next`](Page::next), or its [`previous`](Page::previous) for
    /// those before.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// How many rows are asked for.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Where the page that it was asked from ended or began.
    #[must_use]
    pub const fn cursor(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }

    /// The query string that cursors of this list carry.
    pub(crate) fn scope(&self) -> &str {
        &self.scope
    }

    pub(crate) fn in_scope(mut self, scope: String) -> Self {
        self.scope = scope;
        self
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows. Only the last page may have fewer than were asked for.
    pub rows: Vec<T>,
    /// Where it ends; None on the last page.
    pub next: Option<Cursor>,
    /// Where it begins; None on the first page, and without rows.
    pub previous: Option<Cursor>,
    /// How many rows all pages have together, when [`total`](crate::Find::total) was asked for.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The same page of something made of the rows.
    #[must_use]
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(make).collect(),
            next: self.next,
            previous: self.previous,
            total: self.total,
        }
    }
}
