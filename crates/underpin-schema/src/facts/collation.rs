//! A collation.

use super::fact::fact;
use super::{Parameters, QualifiedName};
use serde::Serialize;

/// What `CREATE COLLATION` makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collation {
    /// Its name.
    pub name: QualifiedName,
    /// `provider`, `locale`, `lc_collate`, `lc_ctype`, `deterministic`, `rules`: as `CREATE COLLATION` takes them.
    pub options: Parameters,
    /// Its comment.
    pub comment: Option<String>,
}

impl Collation {
    /// A collation made with these options.
    #[must_use]
    pub fn new(
        name: QualifiedName,
        options: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        let options = options.into_iter();
        Self {
            name,
            options: options
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            comment: None,
        }
    }
}

fact!(Collation, name: QualifiedName);
