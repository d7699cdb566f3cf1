//! A domain: a type with conditions.

use super::fact::fact;
use super::{Facts, Privileges, QualifiedName};
use serde::Serialize;

/// What `CREATE DOMAIN` makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// Its name.
    pub name: QualifiedName,
    /// The type beneath, as PostgreSQL's `format_type` writes it.
    pub data_type: String,
    /// Its collation, when it is not that of the type beneath.
    pub collation: Option<QualifiedName>,
    /// The default of columns of this type, as an expression.
    pub default: Option<String>,
    /// Refuses NULL.
    pub not_null: bool,
    /// What values have to satisfy.
    pub checks: Facts<DomainCheck>,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may use it, as far as it differs from the default.
    pub privileges: Privileges,
}

/// A condition on the values of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainCheck {
    /// Its name.
    pub name: String,
    /// The condition, over `VALUE`, without `CHECK` and outer parentheses of its own.
    pub expression: String,
    /// False for `NOT VALID`: values stored earlier were not looked at.
    pub validated: bool,
    /// Its comment.
    pub comment: Option<String>,
}

impl Domain {
    /// A domain over a type, without conditions.
    #[must_use]
    pub fn new(name: QualifiedName, data_type: impl Into<String>) -> Self {
        Self {
            name,
            data_type: data_type.into(),
            collation: None,
            default: None,
            not_null: false,
            checks: Facts::default(),
            comment: None,
            privileges: Privileges::default(),
        }
    }

    /// Adds a condition.
    #[must_use]
    pub fn check(mut self, name: impl Into<String>, expression: impl Into<String>) -> Self {
        self.checks.insert(DomainCheck {
            name: name.into(),
            expression: expression.into(),
            validated: true,
            comment: None,
        });
        self
    }
}

fact!(Domain, name: QualifiedName);
fact!(DomainCheck, name: String);
