//! Conditions on rows, typed by column. Values are always bound, so that a shape of condition is one statement.
//!
//! Conditions know two answers: a row fulfils one or it does not. NULL is not equal to any value, `!filter` is all
//! other rows, NULL or not.

mod address;
mod compare;
mod contain;
mod full_text;
mod json;
mod node;
mod range;
mod text;
#[cfg(feature = "vector")]
mod vector;

pub use contain::{Contain, Overlap};
pub use json::{JsonPath, JsonValue};
pub(crate) use node::{Exists, NOT_DELETED, Node, Test, Tuple, push_identifier};
pub use text::{Textual, escape_like};
#[cfg(feature = "vector")]
pub use vector::{Distance, Embedding};

use crate::{Column, ColumnType, SharedValue, Statement};
use std::fmt;
use std::marker::PhantomData;

/// A condition on the rows of a model, made by the methods of its columns.
///
/// # Example
/// ```
/// use underpin_model::Model;
///
/// #[derive(Debug, Clone, Model)]
/// struct Note {
///     #[model(primary_key)]
///     number: i64,
///     title: String,
///     tags: Vec<String>,
/// }
///
/// let filter = Note::TAGS.contains(["a"]).and(Note::TITLE.ilike("%fir%").or(Note::NUMBER.gt(5)));
/// assert_eq!(format!("{filter:?}"), r#""tags" @> $1 AND ("title" ILIKE $2 OR "number" > $3)"#);
/// let others = !filter;
/// # let _ = others;
/// ```
pub struct Filter<M> {
    node: Node,
    model: PhantomData<fn() -> M>,
}

impl<M> Filter<M> {
    pub(crate) const fn new(node: Node) -> Self {
        Self {
            node,
            model: PhantomData,
        }
    }

    /// Both conditions.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::new(self.node.and(other.node))
    }

    /// At least one of two conditions.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::new(self.node.or(other.node))
    }

    /// All conditions; every row when there are none.
    #[must_use]
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Node::All(nodes(filters)))
    }

    /// At least one of several conditions; no row when there are none.
    #[must_use]
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Node::Any(nodes(filters)))
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    pub(crate) fn into_node(self) -> Node {
        self.node
    }
}

fn nodes<M>(filters: impl IntoIterator<Item = Filter<M>>) -> Vec<Node> {
    filters.into_iter().map(Filter::into_node).collect()
}

/// Every other row, also those where the condition asks about NULL.
impl<M> std::ops::Not for Filter<M> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(Node::Not(Box::new(self.node)))
    }
}

impl<M> Clone for Filter<M> {
    fn clone(&self) -> Self {
        Self::new(self.node.clone())
    }
}

/// The text of the condition, without its values.
impl<M> fmt::Debug for Filter<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut statement = Statement::default();
        self.node.write(&mut statement, "outer", 0);
        f.write_str(statement.sql())
    }
}

impl<M, T: ColumnType> Column<M, T> {
    /// A condition on this column: see [`Test::new`].
    pub(crate) fn test<const N: usize>(
        self,
        template: &'static str,
        values: [SharedValue; N],
    ) -> Filter<M> {
        Filter::new(Node::Test(
            Test::new(self.name(), template, values).nullable(T::NULLABLE),
        ))
    }
}
