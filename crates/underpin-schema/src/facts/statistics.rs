//! Extended statistics.

use super::QualifiedName;
use super::fact::fact;
use serde::Serialize;

/// What `CREATE STATISTICS` makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Its name.
    pub name: QualifiedName,
    /// The whole statement as PostgreSQL's `pg_get_statisticsobjdef` writes it, without a semicolon.
    pub definition: String,
    /// The statistics target, when it is set.
    pub target: Option<i32>,
    /// Its comment.
    pub comment: Option<String>,
}

fact!(Statistics, name: QualifiedName);
