//! Indexes, checks and references, as the derive writes them down.

use crate::Table;
use underpin_schema::Action;

/// An index, or a unique constraint.
#[derive(Debug)]
pub struct Index {
    /// Does it refuse two rows of the same keys?
    pub unique: bool,
    /// What it orders or holds.
    pub keys: &'static [IndexKey],
    /// Columns that it carries besides.
    pub include: &'static [&'static str],
    /// Its name; None: the one that PostgreSQL would choose.
    pub name: Option<&'static str>,
    /// `gin`, `gist`, `brin`, `hnsw`, …; None: a B-tree.
    pub method: Option<&'static str>,
    /// Only the rows for which this holds.
    pub condition: Option<&'static str>,
    /// Storage parameters: `m = 16, ef_construction = 64`.
    pub with: Option<&'static str>,
    /// False for `NULLS NOT DISTINCT`.
    pub nulls_distinct: bool,
}

/// What an index orders or holds.
#[derive(Debug)]
pub struct IndexKey {
    /// A column or an expression.
    pub target: IndexTarget,
    /// `jsonb_path_ops`; None: the default one of the type.
    pub operator_class: Option<&'static str>,
    /// Largest first?
    pub descending: bool,
    /// None: last when ascending, first when descending.
    pub nulls_first: Option<bool>,
}

/// A column or an expression.
#[derive(Debug)]
pub enum IndexTarget {
    /// A column.
    Column(&'static str),
    /// SQL.
    Expression(&'static str),
}

/// A check of the database.
#[derive(Debug)]
pub struct CheckConstraint {
    /// Its name; None: the one that PostgreSQL would choose.
    pub name: Option<&'static str>,
    /// The column it was written at; empty for one of the table.
    pub column: &'static str,
    /// The condition.
    pub expression: &'static str,
}

/// A foreign key.
#[derive(Debug, Clone, Copy)]
pub struct Reference {
    /// The table it points to. A function, since tables may point to each other.
    pub table: fn() -> &'static Table,
    /// The field it points to; None: the primary key.
    pub field: Option<&'static str>,
    /// What happens when that row is deleted.
    pub on_delete: Action,
    /// What happens when its key changes.
    pub on_update: Action,
}
