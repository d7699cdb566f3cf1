//! Triggers and rules.

use super::fact::fact;
use super::{Facts, QualifiedName, Signature};
use serde::Serialize;

/// A trigger of a table or a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// The whole statement as PostgreSQL's `pg_get_triggerdef` writes it, without a semicolon.
    pub definition: String,
    /// The function it calls.
    pub function: Signature,
    /// When it fires.
    pub fires: WhenFired,
    /// The partitions on which it fires otherwise.
    pub parts: Facts<PartTrigger>,
    /// Its comment.
    pub comment: Option<String>,
}

/// A trigger of a partitioned table on one of the partitions below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartTrigger {
    /// The partition.
    pub partition: QualifiedName,
    /// When it fires there.
    pub fires: WhenFired,
}

/// A rewrite rule of a table or a view. A view's own, which makes it one, is not listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The whole statement as PostgreSQL's `pg_get_ruledef` writes it, without a semicolon.
    pub definition: String,
    /// When it fires.
    pub fires: WhenFired,
    /// Its comment.
    pub comment: Option<String>,
}

/// In which sessions a trigger or a rule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenFired {
    /// In all but those that apply replicated changes.
    #[default]
    Origin,
    /// In all.
    Always,
    /// Only in those that apply replicated changes.
    Replica,
    /// Never: it is disabled.
    Never,
}

impl WhenFired {
    /// As `ALTER TABLE` writes it, before `TRIGGER` or `RULE`.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Origin => "ENABLE",
            Self::Always => "ENABLE ALWAYS",
            Self::Replica => "ENABLE REPLICA",
            Self::Never => "DISABLE",
        }
    }
}

fact!(Trigger, name: String);
fact!(PartTrigger, partition: QualifiedName);
fact!(Rule, name: String);
