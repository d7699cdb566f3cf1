//! A search under construction: condition, order, scope.

use crate::{Filter, Model, Order, Place, Repository, Statement};
use std::fmt;

/// Which rows, in which order. Ends in `all`, `first`, `page`, `count`, `exists`, …
pub struct Find<'a, M, P> {
    pub(crate) repository: &'a Repository<M, P>,
    filter: Option<Filter<M>>,
    order: Vec<Order<M>>,
}

impl<'a, M: Model, P: Place> Find<'a, M, P> {
    pub(super) const fn new(repository: &'a Repository<M, P>, filter: Option<Filter<M>>) -> Self {
        Self {
            repository,
            filter,
            order: Vec::new(),
        }
    }

    /// Adds a key to the order; the first one counts most.
    #[must_use]
    pub fn order_by(mut self, order: Order<M>) -> Self {
        self.order.push(order);
        self
    }

    /// `SELECT {what} FROM table WHERE …`: what every ending begins with, and searches and aggregates as well.
    pub(crate) fn select(&self, what: &str) -> Statement {
        let mut statement = Statement::new(format!("SELECT {what} FROM {}", M::TABLE.sql_name));
        if let Some(filter) = &self.filter {
            statement.push(" WHERE ");
            filter.write(&mut statement);
        }
        statement
    }
}

impl<M: Model, P> fmt::Debug for Find<'_, M, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Find")
            .field("model", &M::TABLE.model)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}
