//! SQL text under construction, with the values bound to it.

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
}

impl Statement {
    /// Begins with some SQL.
    #[must_use]
    pub fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            values: Vec::new(),
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
