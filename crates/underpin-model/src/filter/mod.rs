//! Conditions on rows, and their order.

use crate::{Model, Statement};
use std::fmt;
use std::marker::PhantomData;

/// A condition on the rows of a model.
pub struct Filter<M> {
    model: PhantomData<fn() -> M>,
}

impl<M: Model> Filter<M> {
    /// Writes the condition, without WHERE.
    pub(crate) fn write(&self, to: &mut Statement) {
        to.push("TRUE");
    }
}

impl<M> fmt::Debug for Filter<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter").finish_non_exhaustive()
    }
}

/// One key of an order: a column and a direction.
pub struct Order<M> {
    /// The column.
    pub(crate) column: &'static str,
    /// Largest first?
    pub(crate) descending: bool,
    model: PhantomData<fn() -> M>,
}

impl<M> Order<M> {
    /// Orders by a column.
    pub(crate) const fn new(column: &'static str, descending: bool) -> Self {
        Self {
            column,
            descending,
            model: PhantomData,
        }
    }
}

impl<M> fmt::Debug for Order<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("column", &self.column)
            .field("descending", &self.descending)
            .finish_non_exhaustive()
    }
}
