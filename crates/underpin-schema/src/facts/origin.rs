//! Where a column or a constraint of a table comes from.

use serde::Serialize;

/// Is a part of a table its own, or its parent's?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Declared by the table itself.
    #[default]
    Own,
    /// Comes from the parent or the partitioned table, and goes with it.
    Inherited,
    /// Declared by both.
    Merged,
}

impl Origin {
    /// Does the table itself declare it, so that it stays when the parent's goes?
    #[must_use]
    pub fn is_own(self) -> bool {
        self != Self::Inherited
    }
}
