//! A range type.

use super::fact::fact;
use super::{Privileges, QualifiedName};
use serde::Serialize;

/// What `CREATE TYPE … AS RANGE` makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Range {
    /// Its name.
    pub name: QualifiedName,
    /// The type of its bounds, as PostgreSQL's `format_type` writes it.
    pub subtype: String,
    /// The operator class that orders the bounds, when it is not the default one of the subtype.
    pub operator_class: Option<QualifiedName>,
    /// The collation of the bounds, when it is not that of the subtype.
    pub collation: Option<QualifiedName>,
    /// The function that measures the distance of two values.
    pub difference: Option<QualifiedName>,
    /// The name of its multirange type. None: the one that PostgreSQL chooses.
    pub multirange: Option<QualifiedName>,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may use it, as far as it differs from the default.
    pub privileges: Privileges,
}

impl Range {
    /// A range over a type.
    #[must_use]
    pub fn new(name: QualifiedName, subtype: impl Into<String>) -> Self {
        Self {
            name,
            subtype: subtype.into(),
            operator_class: None,
            collation: None,
            difference: None,
            multirange: None,
            comment: None,
            privileges: Privileges::default(),
        }
    }
}

impl Range {
    /// The name of its multirange type.
    #[must_use]
    pub fn multirange_name(&self) -> QualifiedName {
        let usual = || Self::usual_multirange(&self.name);
        self.multirange.clone().unwrap_or_else(usual)
    }

    /// The name that PostgreSQL gives to the multirange type of a range type.
    pub(crate) fn usual_multirange(range: &QualifiedName) -> QualifiedName {
        let name = if range.name.contains("range") {
            range.name.replacen("range", "multirange", 1)
        } else {
            format!("{}_multirange", range.name)
        };
        range.sibling(name)
    }
}

fact!(Range, name: QualifiedName);
