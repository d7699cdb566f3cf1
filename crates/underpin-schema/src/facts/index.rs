//! Indexes. Those that hold a constraint belong to the constraint.

use super::fact::fact;
use super::{Parameters, QualifiedName};
use serde::Serialize;

/// An index of a table or a materialised view, in the same schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// `btree`, `hash`, `gin`, `gist`, `brin`, `spgist`, or that of an extension.
    pub method: String,
    /// What it orders or holds.
    pub keys: Vec<IndexKey>,
    /// Columns that it carries besides.
    pub include: Vec<String>,
    /// Refuses two rows of the same keys.
    pub unique: bool,
    /// False for `NULLS NOT DISTINCT`.
    pub nulls_distinct: bool,
    /// Only the rows for which this condition holds.
    pub predicate: Option<String>,
    /// Storage parameters.
    pub parameters: Parameters,
    /// Its tablespace, when it is not the default one.
    pub tablespace: Option<String>,
    /// Is `CLUSTER` to follow it?
    pub clustered: bool,
    /// False after a concurrent build that failed, and on a partitioned table as long as a partition lacks its part.
    pub valid: bool,
    /// The index of the partitioned table that it is a part of.
    pub part_of: Option<QualifiedName>,
    /// Its comment.
    pub comment: Option<String>,
}

/// What an index orders or holds: one of its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexKey {
    /// A column or an expression.
    pub target: Target,
    /// Its collation, when it is not that of the column.
    pub collation: Option<QualifiedName>,
    /// Its operator class, when it is not the default one of the type.
    pub operator_class: Option<OperatorClass>,
    /// Ascending or descending.
    pub order: SortOrder,
    /// Where NULL is sorted. Ascending keys have it last, descending ones first, unless told otherwise.
    pub nulls: NullsOrder,
    /// The statistics target of an expression, when it is set.
    pub statistics: Option<i32>,
}

/// A column or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A column.
    Column(String),
    /// An expression; with parentheses around it unless it is a call: `lower(title)`, `(a + b)`.
    Expression(String),
}

/// How values of a type are compared by an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorClass {
    /// Its name.
    pub name: QualifiedName,
    /// Its own options, `siglen` of `gist_trgm_ops` for example.
    pub options: Parameters,
}

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SortOrder {
    /// Smallest first.
    #[default]
    Ascending,
    /// Greatest first.
    Descending,
}

/// Where NULL is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NullsOrder {
    /// Before all values.
    First,
    /// After all values.
    Last,
}

impl NullsOrder {
    /// Where NULL is sorted when nothing is said.
    #[must_use]
    pub const fn default_of(order: SortOrder) -> Self {
        match order {
            SortOrder::Ascending => Self::Last,
            SortOrder::Descending => Self::First,
        }
    }
}

impl Index {
    /// A B-tree over these columns.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            name: name.into(),
            method: "btree".to_owned(),
            keys: columns.into_iter().map(IndexKey::column).collect(),
            include: Vec::new(),
            unique: false,
            nulls_distinct: true,
            predicate: None,
            parameters: Parameters::new(),
            tablespace: None,
            clustered: false,
            valid: true,
            part_of: None,
            comment: None,
        }
    }

    /// Adds a key at the end: an expression, or a column with an order or an operator class of its own.
    #[must_use]
    pub fn key(mut self, key: IndexKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Sets the method: `gin`, `gist`, `brin`, `hash`, `hnsw`.
    #[must_use]
    pub fn using(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// Refuses two rows of the same keys.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Carries these columns besides.
    #[must_use]
    pub fn include(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.include = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Takes in only the rows for which a condition holds.
    #[must_use]
    pub fn only_where(mut self, predicate: impl Into<String>) -> Self {
        self.predicate = Some(predicate.into());
        self
    }
}

impl IndexKey {
    /// A column, ascending.
    #[must_use]
    pub fn column(name: impl Into<String>) -> Self {
        Self::of(Target::Column(name.into()))
    }

    /// An expression, ascending; in parentheses unless it is a call.
    #[must_use]
    pub fn expression(expression: impl Into<String>) -> Self {
        Self::of(Target::Expression(expression.into()))
    }

    fn of(target: Target) -> Self {
        Self {
            target,
            collation: None,
            operator_class: None,
            order: SortOrder::Ascending,
            nulls: NullsOrder::Last,
            statistics: None,
        }
    }

    /// Greatest first, and NULL before that.
    #[must_use]
    pub fn descending(mut self) -> Self {
        self.order = SortOrder::Descending;
        self.nulls = NullsOrder::First;
        self
    }

    /// Sets the operator class.
    #[must_use]
    pub fn operator_class(mut self, name: QualifiedName) -> Self {
        self.operator_class = Some(OperatorClass {
            name,
            options: Parameters::new(),
        });
        self
    }
}

fact!(Index, name: String);
