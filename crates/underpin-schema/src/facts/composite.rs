//! A composite type.

use super::fact::fact;
use super::{Privileges, QualifiedName};
use serde::Serialize;

/// What `CREATE TYPE … AS (…)` makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Composite {
    /// Its name.
    pub name: QualifiedName,
    /// Its attributes, in the order of `ROW(…)`.
    pub attributes: Vec<Attribute>,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may use it, as far as it differs from the default.
    pub privileges: Privileges,
}

/// A part of a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type, as PostgreSQL's `format_type` writes it.
    pub data_type: String,
    /// Its collation, when it is not that of the type.
    pub collation: Option<QualifiedName>,
    /// Its comment.
    pub comment: Option<String>,
}

impl Composite {
    /// A composite type without attributes.
    #[must_use]
    pub fn new(name: QualifiedName) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            comment: None,
            privileges: Privileges::default(),
        }
    }

    /// Adds an attribute at the end.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, data_type: impl Into<String>) -> Self {
        self.attributes.push(Attribute {
            name: name.into(),
            data_type: data_type.into(),
            collation: None,
            comment: None,
        });
        self
    }
}

fact!(Composite, name: QualifiedName);
