//! A schema of the database: the namespace, not what is in it.

use super::Privileges;
use super::fact::fact;
use serde::Serialize;

/// A namespace: what `CREATE SCHEMA` makes.
///
/// `public` exists in every database, and is listed only when its comment or privileges are not those it came with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may use it and create in it, as far as it differs from the default.
    pub privileges: Privileges,
}

impl Namespace {
    /// The schema that every database has.
    pub const PUBLIC: &'static str = "public";

    /// An empty schema.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            comment: None,
            privileges: Privileges::default(),
        }
    }
}

fact!(Namespace, name: String);
