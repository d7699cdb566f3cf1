//! An enum type.

use super::fact::fact;
use super::{Privileges, QualifiedName};
use serde::Serialize;

/// What `CREATE TYPE … AS ENUM` makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnumType {
    /// Its name.
    pub name: QualifiedName,
    /// Its labels, smallest first.
    pub labels: Vec<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may use it, as far as it differs from the default.
    pub privileges: Privileges,
}

impl EnumType {
    /// An enum type of these labels, smallest first.
    #[must_use]
    pub fn new(name: QualifiedName, labels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            name,
            labels: labels.into_iter().map(Into::into).collect(),
            comment: None,
            privileges: Privileges::default(),
        }
    }
}

fact!(EnumType, name: QualifiedName);
