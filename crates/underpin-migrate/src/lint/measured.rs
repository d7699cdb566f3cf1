//! The measured layer: what a migration does on a scratch server, statement by statement.
//!
//! The locks are those that the statement holds at its end, asked in its own transaction; of a statement that runs alone,
//! those that it has or asks for while it is held up. A table or an index that lies in other files afterwards was written
//! anew.

mod alone;
mod run;

use super::name::Name;
use crate::sql::TableLock;

pub use run::Measuring;

/// What a file did on a scratch server.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// Its statements, as far as they were run.
    pub statements: Vec<MeasuredStatement>,
}

/// What a statement did to tables that were there before its file.
#[derive(Debug, Clone, Default)]
pub struct MeasuredStatement {
    /// Where it begins: line, from 1.
    pub line: u32,
    /// Where it begins: character in the line, from 1.
    pub column: u32,
    /// The strongest lock on each table; of what runs alone, the strongest that was seen.
    pub locks: Vec<(MeasuredTable, TableLock)>,
    /// The tables that were written anew.
    pub rewritten: Vec<MeasuredTable>,
    /// What the server said when it failed; the statements after it were not run.
    pub failed: Option<String>,
}

/// A table, or a materialised view.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeasuredTable {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
}

impl MeasuredTable {
    pub(super) fn to_name(&self) -> Name {
        Name {
            schema: Some(self.schema.clone()),
            name: self.name.clone(),
        }
    }
}
