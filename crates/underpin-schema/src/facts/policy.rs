//! Row-level security policies.

use super::Grantee;
use super::fact::fact;
use serde::Serialize;
use std::collections::BTreeSet;

/// Which rows somebody sees or may write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Permissive policies are joined by OR, restrictive ones by AND.
    pub permissive: bool,
    /// What it is for.
    pub command: PolicyCommand,
    /// Whom it is for.
    pub roles: BTreeSet<Grantee>,
    /// The rows that exist for them.
    pub using: Option<String>,
    /// The rows that they may write.
    pub with_check: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
}

/// What a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyCommand {
    /// All of the following.
    #[default]
    All,
    /// Reading.
    Select,
    /// Adding rows.
    Insert,
    /// Changing rows.
    Update,
    /// Deleting rows.
    Delete,
}

impl PolicyCommand {
    /// As SQL writes it.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

impl Policy {
    /// A permissive policy for everybody and everything, without a condition.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            permissive: true,
            command: PolicyCommand::All,
            roles: BTreeSet::from([Grantee::Public]),
            using: None,
            with_check: None,
            comment: None,
        }
    }
}

fact!(Policy, name: String);
