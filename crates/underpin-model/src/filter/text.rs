//! Patterns in text.

use crate::{Column, ColumnType, Filter, SqlValue};
use std::sync::Arc;

/// A value that is text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text: patterns do not apply to its column"
)]
pub trait Textual: SqlValue {}

impl Textual for String {}

impl<M, T: ColumnType> Column<M, T> {
    /// Fits a pattern: `%` stands for any text, `_` for any character. Put text of users through [`escape_like`].
    #[must_use]
    pub fn like(self, pattern: impl Into<String>) -> Filter<M>
    where
        T::Inner: Textual,
    {
        self.test("{c} LIKE {v}", [Arc::new(pattern.into())])
    }

    /// Fits a pattern, in any case.
    #[must_use]
    pub fn ilike(self, pattern: impl Into<String>) -> Filter<M>
    where
        T::Inner: Textual,
    {
        self.test("{c} ILIKE {v}", [Arc::new(pattern.into())])
    }

    /// Begins with a text, taken literally.
    #[must_use]
    pub fn starts_with(self, text: &str) -> Filter<M>
    where
        T::Inner: Textual,
    {
        self.like(format!("{}%", escape_like(text)))
    }

    /// Ends with a text, taken literally.
    #[must_use]
    pub fn ends_with(self, text: &str) -> Filter<M>
    where
        T::Inner: Textual,
    {
        self.like(format!("%{}", escape_like(text)))
    }

    /// Has a text somewhere in it, taken literally, in any case. A GIN index with `gin_trgm_ops` serves this.
    #[must_use]
    pub fn includes(self, text: &str) -> Filter<M>
    where
        T::Inner: Textual,
    {
        self.ilike(format!("%{}%", escape_like(text)))
    }

    /// Resembles a text, in the sense of the extension `pg_trgm` and its `similarity_threshold`.
    #[must_use]
    pub fn resembles(self, text: impl Into<String>) -> Filter<M>
    where
        T::Inner: Textual,
    {
        self.test("{c} % {v}", [Arc::new(text.into())])
    }
}

/// Makes `%`, `_` and `\` stand for themselves in a pattern.
///
/// # Example
/// ```
/// assert_eq!(underpin_model::escape_like(r"50%_\"), r"50\%\_\\");
/// ```
#[must_use]
pub fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
