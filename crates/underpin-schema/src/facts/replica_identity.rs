//! What of a row logical replication sends when it changes.

use serde::Serialize;

/// What identifies an updated or deleted row to subscribers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaIdentity {
    /// The primary key.
    #[default]
    Default,
    /// Nothing.
    Nothing,
    /// All columns.
    Full,
    /// The columns of this index, or of this constraint.
    Index(String),
}
