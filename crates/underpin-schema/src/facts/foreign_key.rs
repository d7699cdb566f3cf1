//! Foreign keys.

use super::QualifiedName;
use serde::Serialize;

/// Columns whose values must exist in another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForeignKey {
    /// The columns.
    pub columns: Vec<String>,
    /// The table they refer to.
    pub table: QualifiedName,
    /// The columns there, in the same order.
    pub referenced: Vec<String>,
    /// What happens when the row referred to is deleted.
    pub on_delete: Action,
    /// Only these columns are set by [`Action::SetNull`] or [`Action::SetDefault`] on delete; empty: all.
    pub on_delete_columns: Vec<String>,
    /// What happens when the key referred to changes.
    pub on_update: Action,
    /// How NULL in a key of several columns counts.
    pub matching: Match,
    /// PostgreSQL 18: the last column is a range, and `PERIOD`.
    pub period: bool,
}

/// What happens to a row when the one it refers to goes or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Refused, at the end of the statement or of the transaction.
    #[default]
    NoAction,
    /// Refused at once.
    Restrict,
    /// The same happens to it.
    Cascade,
    /// It refers to nothing.
    SetNull,
    /// It refers to the default.
    SetDefault,
}

impl Action {
    /// As SQL writes it.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

/// How NULL in a foreign key of several columns counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// One NULL is enough to refer to nothing.
    #[default]
    Simple,
    /// All columns are NULL, or none.
    Full,
}

impl ForeignKey {
    /// `columns` refer to `referenced` of `table`; whatever would break that is refused.
    #[must_use]
    pub fn new(
        columns: impl IntoIterator<Item = impl Into<String>>,
        table: QualifiedName,
        referenced: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            columns: columns.into_iter().map(Into::into).collect(),
            table,
            referenced: referenced.into_iter().map(Into::into).collect(),
            on_delete: Action::NoAction,
            on_delete_columns: Vec::new(),
            on_update: Action::NoAction,
            matching: Match::Simple,
            period: false,
        }
    }

    /// Sets what happens when the row referred to is deleted.
    #[must_use]
    pub fn on_delete(mut self, action: Action) -> Self {
        self.on_delete = action;
        self
    }

    /// Sets what happens when the key referred to changes.
    #[must_use]
    pub fn on_update(mut self, action: Action) -> Self {
        self.on_update = action;
        self
    }
}
