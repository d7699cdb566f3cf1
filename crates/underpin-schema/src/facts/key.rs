//! Primary keys and unique constraints.

use super::{Parameters, QualifiedName};
use serde::Serialize;

/// Columns whose values are unique together, with the index that holds them so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Key {
    /// The columns, in the order of the index.
    pub columns: Vec<String>,
    /// Columns that the index carries besides.
    pub include: Vec<String>,
    /// False for `NULLS NOT DISTINCT`, which a primary key never is.
    pub nulls_distinct: bool,
    /// PostgreSQL 18: the last column is a range, and `WITHOUT OVERLAPS`.
    pub without_overlaps: bool,
    /// False on a partitioned table as long as a partition lacks its part of the index.
    pub complete: bool,
    /// Storage parameters of the index.
    pub parameters: Parameters,
    /// The tablespace of the index, when it is not the default one.
    pub tablespace: Option<String>,
    /// Of a partition's own key: the index of the partitioned table which its index is a part of.
    pub part_of: Option<QualifiedName>,
}

impl Key {
    /// A key of these columns.
    #[must_use]
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            columns: columns.into_iter().map(Into::into).collect(),
            include: Vec::new(),
            nulls_distinct: true,
            without_overlaps: false,
            complete: true,
            parameters: Parameters::new(),
            tablespace: None,
            part_of: None,
        }
    }
}
