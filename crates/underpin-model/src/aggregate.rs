//! Numbers over the rows of a list: count by group, smallest, largest, sum, mean.

use crate::filter::{Node, Test};
use crate::{Column, ColumnType, Error, Fault, FaultKind, Filter, Find, Model, Ordered, Place};
use rust_decimal::Decimal;
use underpin_pool::FromSql;

/// Groups that a list is counted by at most.
pub const GROUPS_MAX: u32 = 10_000;

/// A value that can be added up.
#[diagnostic::on_unimplemented(message = "values of `{Self}` cannot be added up")]
pub trait Number: Ordered {
    /// What a sum of many is: wider than one of them.
    type Sum: for<'a> FromSql<'a>;
}

macro_rules! numbers {
    ($($type:ty => $sum:ty),+) => {$(
        impl Number for $type {
            type Sum = $sum;
        }
    )+};
}

numbers!(i16 => i64, i32 => i64, i64 => Decimal, f32 => f32, f64 => f64, Decimal => Decimal);

impl<M: Model, P: Place> Find<'_, M, P> {
    /// How many rows have each value of a column, most frequent first; NULL is a value of a nullable column.
    ///
    /// # Errors
    /// Whatever the pool reports; [`FaultKind::Limit`] when there are more than [`GROUPS_MAX`] values.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn count_by<T>(self, column: Column<M, T>) -> Result<Vec<(T, u64)>, Error>
    where
        T: ColumnType + for<'a> FromSql<'a>,
    {
        let mut statement = self.select(&format!("\"{}\", count(*)", column.name()));
        statement
            .push(" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ")
            .bind(i64::from(GROUPS_MAX) + 1);
        let rows = self.raw_rows(&statement).await?;
        if rows.len() > GROUPS_MAX as usize {
            let fault = Fault::new(
                FaultKind::Limit,
                M::TABLE.model,
                Some(column.name()),
                "has too many values",
            );
            return Err(
                Error::of(format!("there are more than {GROUPS_MAX} groups"), fault)
                    .with_hint("narrow the list by a filter"),
            );
        }
        rows.iter()
            .map(|row| Ok((row.get(0)?, row.get::<i64>(1)?.unsigned_abs())))
            .collect()
    }

    /// The smallest value of a column; None when there is none.
    ///
    /// # Errors
    /// Whatever the pool reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn min<T>(self, column: Column<M, T>) -> Result<Option<T::Inner>, Error>
    where
        T: ColumnType<Inner: Ordered + for<'a> FromSql<'a>>,
    {
        self.extreme(column.name(), "").await
    }

    /// The largest value of a column; None when there is none.
    ///
    /// # Errors
    /// Whatever the pool reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn max<T>(self, column: Column<M, T>) -> Result<Option<T::Inner>, Error>
    where
        T: ColumnType<Inner: Ordered + for<'a> FromSql<'a>>,
    {
        self.extreme(column.name(), " DESC").await
    }

    /// The sum of a column; None when there is nothing to add.
    ///
    /// # Errors
    /// Whatever the pool reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn sum<T>(
        self,
        column: Column<M, T>,
    ) -> Result<Option<<T::Inner as Number>::Sum>, Error>
    where
        T: ColumnType<Inner: Number>,
    {
        let statement = self.select(&format!("sum(\"{}\")", column.name()));
        Ok(self.one_row(&statement).await?.get(0)?)
    }

    /// The mean of a column; None when there is nothing to take it of.
    ///
    /// # Errors
    /// Whatever the pool reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn avg<T>(self, column: Column<M, T>) -> Result<Option<f64>, Error>
    where
        T: ColumnType<Inner: Number>,
    {
        let statement = self.select(&format!("avg(\"{}\")::float8", column.name()));
        Ok(self.one_row(&statement).await?.get(0)?)
    }

    /// The first value that is not NULL: `min` and `max` of SQL know neither booleans nor UUIDs.
    async fn extreme<V: for<'a> FromSql<'a>>(
        self,
        column: &'static str,
        direction: &str,
    ) -> Result<Option<V>, Error> {
        let known = Node::Test(Test::new(column, "{c} IS NOT NULL", []));
        let list = self.filter(Filter::new(known));
        let mut statement = list.select(&format!("\"{column}\""));
        statement
            .push(" ORDER BY 1")
            .push(direction)
            .push(" LIMIT 1");
        let rows = list.raw_rows(&statement).await?;
        Ok(rows.first().map(|row| row.get(0)).transpose()?)
    }
}
