//! SQL text under construction, with the values bound to it.

use crate::Table;
use std::fmt::Write as _;
use std::sync::Arc;
use underpin_pool::ToSql;

/// A bound value by reference, as a statement takes it.
pub type Value<'a> = &'a (dyn ToSql + Sync);

/// A bound value that a filter keeps and a statement takes.
pub type SharedValue = Arc<dyn ToSql + Send + Sync>;

/// A statement that is put together at run time. Text comes from the program, values are always bound.
///
/// # Example
/// ```
/// use underpin_model::Statement;
///
/// let mut statement = Statement::new("SELECT 1 WHERE 2 = ");
/// statement.bind(2_i32).push(" AND 3 = ").bind(3_i32);
/// assert_eq!(statement.sql(), "SELECT 1 WHERE 2 = $1 AND 3 = $2");
/// ```
#[derive(Debug, Default)]
pub struct Statement {
    sql: String,
    values: Vec<SharedValue>,
    /// The columns that values are compared with, by the value's place.
    origins: Vec<(usize, Origin)>,
    /// The table whose columns are named from here on; None is the one that is selected from.
    pub(crate) scope: Option<&'static Table>,
}

/// The column that a value is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) column: &'static str,
    /// Its table, where it is not the statement's.
    pub(crate) of: Option<&'static Table>,
}

impl Origin {
    /// A column of the statement's own table.
    pub(crate) const fn column(column: &'static str) -> Self {
        Self { column, of: None }
    }

    /// The column at the place of a parameter, when each parameter is for one.
    pub(crate) fn nth(
        columns: impl IntoIterator<Item = &'static str>,
    ) -> impl FnOnce(usize) -> Option<Self> {
        move |number| {
            let place = number.checked_sub(1)?;
            columns.into_iter().nth(place).map(Self::column)
        }
    }
}

impl Statement {
    /// Begins with some SQL.
    #[must_use]
    pub fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            ..Self::default()
        }
    }

    /// Adds SQL text, which must never come from outside the program.
    pub fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a quoted identifier.
    pub fn identifier(&mut self, name: &str) -> &mut Self {
        self.push(&underpin_pool::quote_identifier(name))
    }

    /// Adds a placeholder, and the value that goes there.
    pub fn bind(&mut self, value: impl ToSql + Send + Sync + 'static) -> &mut Self {
        self.bind_shared(Arc::new(value))
    }

    /// Adds a placeholder, and the value that goes there, which stays shared.
    pub fn bind_shared(&mut self, value: SharedValue) -> &mut Self {
        self.values.push(value);
        write!(self.sql, "${}", self.values.len()).expect("a String takes all");
        self
    }

    /// Adds a placeholder for a value that is compared with a column.
    pub(crate) fn bind_for(&mut self, column: &'static str, value: SharedValue) -> &mut Self {
        let of = self.scope;
        self.origins
            .push((self.values.len(), Origin { column, of }));
        self.bind_shared(value)
    }

    /// The column that the value of a parameter is compared with, `$1` is 1.
    pub(crate) fn origin(&self, number: usize) -> Option<Origin> {
        let origins = self.origins.iter();
        let mut found = origins.filter(|(place, _)| place + 1 == number);
        found.next().map(|(_, origin)| *origin)
    }

    /// The text so far.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The values so far, `$1` first.
    #[must_use]
    pub fn values(&self) -> Vec<Value<'_>> {
        self.values
            .iter()
            .map(|value| value.as_ref() as Value<'_>)
            .collect()
    }
}
