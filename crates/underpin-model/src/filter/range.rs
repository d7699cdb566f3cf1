//! Ranges.

use crate::{Column, ColumnType, Contain, Filter, Overlap, Range, RangeElement, SharedValue};
use std::ops::Bound;
use std::sync::Arc;

impl<T: RangeElement, R: Into<Self>> Contain<R> for Range<T> {
    fn part(range: R) -> SharedValue {
        Arc::new(range.into())
    }
}

impl<T: RangeElement, R: Into<Self>> Overlap<R> for Range<T> {}

impl<M, T: RangeElement, C: ColumnType<Inner = Range<T>>> Column<M, C> {
    /// Contains a value. A `GiST` index serves this.
    #[must_use]
    pub fn contains_value(self, value: impl Into<T>) -> Filter<M> {
        let value = value.into();
        self.contains(Range::Between(
            Bound::Included(value.clone()),
            Bound::Included(value),
        ))
    }

    /// Ends before another range begins.
    #[must_use]
    pub fn is_before(self, other: impl Into<Range<T>>) -> Filter<M> {
        self.test("{c} << {v}", [Arc::new(other.into())])
    }

    /// Begins after another range ends.
    #[must_use]
    pub fn is_after(self, other: impl Into<Range<T>>) -> Filter<M> {
        self.test("{c} >> {v}", [Arc::new(other.into())])
    }

    /// Touches another range, with nothing between them and nothing in common.
    #[must_use]
    pub fn is_adjacent_to(self, other: impl Into<Range<T>>) -> Filter<M> {
        self.test("{c} -|- {v}", [Arc::new(other.into())])
    }
}
