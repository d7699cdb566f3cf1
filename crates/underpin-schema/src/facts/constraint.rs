//! Constraints of a table.

use super::fact::fact;
use super::{ForeignKey, Key, Origin};
use serde::Serialize;

/// A constraint of a table. `NOT NULL` is told by its column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// What it demands.
    pub kind: ConstraintKind,
    /// When it is checked.
    pub deferral: Deferral,
    /// False for `NOT VALID`: rows stored earlier were not looked at.
    pub validated: bool,
    /// False for `NOT ENFORCED`, from PostgreSQL 18 on.
    pub enforced: bool,
    /// The table's own, or its parent's.
    pub origin: Origin,
    /// Its comment.
    pub comment: Option<String>,
    /// The comment of its index.
    pub index_comment: Option<String>,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintKind {
    /// `PRIMARY KEY`.
    PrimaryKey(Key),
    /// `UNIQUE`.
    Unique(Key),
    /// `FOREIGN KEY`.
    ForeignKey(ForeignKey),
    /// `CHECK`.
    Check(Check),
    /// `EXCLUDE`.
    Exclusion(Exclusion),
}

/// A condition on the values of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The condition, without `CHECK` and the parentheses that belong to it.
    pub expression: String,
    /// False for `NO INHERIT`.
    pub inherits: bool,
}

/// No two rows for which all these operators hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// As PostgreSQL's `pg_get_constraintdef` writes it, `EXCLUDE USING …` with its `WHERE`, without deferral.
    pub definition: String,
}

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferral {
    /// At the end of each statement.
    #[default]
    NotDeferrable,
    /// At the end of each statement, unless a transaction asks for its end.
    InitiallyImmediate,
    /// At the end of the transaction.
    InitiallyDeferred,
}

impl Constraint {
    /// A constraint that holds for all rows and is checked at once.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: ConstraintKind) -> Self {
        Self {
            name: name.into(),
            kind,
            deferral: Deferral::NotDeferrable,
            validated: true,
            enforced: true,
            origin: Origin::Own,
            comment: None,
            index_comment: None,
        }
    }

    /// The primary key. Its columns refuse NULL; say so on them too.
    #[must_use]
    pub fn primary_key(
        name: impl Into<String>,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self::new(name, ConstraintKind::PrimaryKey(Key::new(columns)))
    }

    /// Columns whose values are unique together.
    #[must_use]
    pub fn unique(
        name: impl Into<String>,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self::new(name, ConstraintKind::Unique(Key::new(columns)))
    }

    /// Columns whose values must exist in another table.
    #[must_use]
    pub fn foreign_key(name: impl Into<String>, key: ForeignKey) -> Self {
        Self::new(name, ConstraintKind::ForeignKey(key))
    }

    /// A condition on the values of a row.
    #[must_use]
    pub fn check(name: impl Into<String>, expression: impl Into<String>) -> Self {
        let check = Check {
            expression: expression.into(),
            inherits: true,
        };
        Self::new(name, ConstraintKind::Check(check))
    }

    /// Sets when it is checked.
    #[must_use]
    pub fn deferral(mut self, deferral: Deferral) -> Self {
        self.deferral = deferral;
        self
    }

    /// Sets the comment.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// The foreign key, when it is one.
    #[must_use]
    pub fn as_foreign_key(&self) -> Option<&ForeignKey> {
        match &self.kind {
            ConstraintKind::ForeignKey(key) => Some(key),
            _ => None,
        }
    }

    /// The key, when it is a primary key or a unique constraint.
    #[must_use]
    pub fn as_key(&self) -> Option<&Key> {
        match &self.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(key),
            _ => None,
        }
    }

    /// Is it held by an index of all partitions? Anything but a key is complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.as_key().is_none_or(|key| key.complete)
    }

    /// Does attaching the partition make it? PostgreSQL takes no exclusion that is there for that of the table.
    pub(crate) fn comes_with_place(&self) -> bool {
        self.origin == Origin::Inherited && matches!(self.kind, ConstraintKind::Exclusion(_))
    }

    /// Does it rest on an index of the same name?
    #[must_use]
    pub fn has_index(&self) -> bool {
        match self.kind {
            ConstraintKind::PrimaryKey(_)
            | ConstraintKind::Unique(_)
            | ConstraintKind::Exclusion(_) => true,
            ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_) => false,
        }
    }
}

fact!(Constraint, name: String);
