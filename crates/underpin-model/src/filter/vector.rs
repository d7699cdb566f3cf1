//! Distances between vectors of pgvector.

use crate::filter::{Node, Test};
use crate::{Column, ColumnType, Filter, HalfVector, Order, SharedValue, SqlValue, Vector};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A value of pgvector.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a vector")]
pub trait Embedding: SqlValue {}

impl Embedding for Vector {}
impl Embedding for HalfVector {}

/// How far the vector of a row is from another one: to order by, or to bound.
///
/// An HNSW or `IVFFlat` index serves `order_by(distance.nearest()).limit(n)`. Conditions are applied after the index has
/// chosen its candidates, so that a narrow one may leave fewer than `n` rows.
#[must_use = "a distance is to order by or to bound"]
pub struct Distance<M> {
    column: &'static str,
    operator: &'static Operator,
    vector: SharedValue,
    model: PhantomData<fn() -> M>,
}

struct Operator {
    distance: &'static str,
    within: &'static str,
}

macro_rules! operator {
    ($sql:literal) => {
        &Operator {
            distance: concat!("{c} ", $sql, " {v}"),
            within: concat!("{c} ", $sql, " {v} <= {v}"),
        }
    };
}

impl<M, T: ColumnType<Inner: Embedding>> Column<M, T> {
    /// The Euclidean distance.
    pub fn l2_distance(self, vector: impl Into<T::Inner>) -> Distance<M> {
        self.distance(operator!("<->"), vector)
    }

    /// One minus the cosine of the angle.
    pub fn cosine_distance(self, vector: impl Into<T::Inner>) -> Distance<M> {
        self.distance(operator!("<=>"), vector)
    }

    /// The inner product, negated, so that the nearest is the smallest.
    pub fn inner_product(self, vector: impl Into<T::Inner>) -> Distance<M> {
        self.distance(operator!("<#>"), vector)
    }

    /// The sum of the differences.
    pub fn l1_distance(self, vector: impl Into<T::Inner>) -> Distance<M> {
        self.distance(operator!("<+>"), vector)
    }

    fn distance(self, operator: &'static Operator, vector: impl Into<T::Inner>) -> Distance<M> {
        Distance {
            column: self.name(),
            operator,
            vector: Arc::new(vector.into()),
            model: PhantomData,
        }
    }
}

impl<M> Distance<M> {
    /// The nearest first. Lists in this order have no pages.
    #[must_use]
    pub fn nearest(self) -> Order<M> {
        Order::computed(vec![Test::new(
            self.column,
            self.operator.distance,
            [self.vector],
        )])
    }

    /// Not farther than this.
    #[must_use]
    pub fn at_most(self, distance: f64) -> Filter<M> {
        let test = Test::new(
            self.column,
            self.operator.within,
            [self.vector, Arc::new(distance)],
        );
        Filter::new(Node::Test(test.nullable(true)))
    }
}

impl<M> fmt::Debug for Distance<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operator.distance)
    }
}
