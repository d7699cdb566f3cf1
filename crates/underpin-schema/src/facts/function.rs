//! Functions, procedures and aggregates.

use super::fact::fact;
use super::{Privileges, QualifiedName};
use serde::Serialize;
use std::fmt;

/// A function, a procedure or an aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Function {
    /// Its name and the types it is called with.
    pub signature: Signature,
    /// Function, procedure or aggregate.
    pub kind: FunctionKind,
    /// All parameters with names, modes and defaults, as PostgreSQL's `pg_get_function_arguments` writes them.
    pub arguments: String,
    /// What it returns; a procedure has nothing.
    pub returns: Option<String>,
    /// `sql`, `plpgsql`, …
    pub language: String,
    /// The whole `CREATE` statement, without a semicolon.
    pub definition: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may call it, as far as it differs from the default.
    pub privileges: Privileges,
}

/// What tells functions of one name apart. Displayed as SQL writes it: `public.add(integer, integer)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Signature {
    /// Its name.
    pub name: QualifiedName,
    /// The types of its input parameters, separated by commas.
    pub arguments: String,
}

/// Function, procedure or aggregate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FunctionKind {
    /// A function, of windows too.
    Function,
    /// A procedure.
    Procedure,
    /// An aggregate.
    Aggregate,
}

impl Function {
    /// Does it run with the rights of its owner, `SECURITY DEFINER`, instead of those of whoever calls it?
    #[must_use]
    pub fn runs_as_owner(&self) -> bool {
        // PostgreSQL writes the options on a line of their own, before the body.
        let options = self.definition.lines().take_while(|line| {
            let is_body = ["AS ", "BEGIN ATOMIC", "RETURN "];
            !is_body.iter().any(|word| line.starts_with(word))
        });
        let mut options = options.filter(|line| line.starts_with(' '));
        options
            .any(|line| line.ends_with(" SECURITY DEFINER") || line.contains(" SECURITY DEFINER "))
    }
}

impl FunctionKind {
    /// As SQL writes it.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Function => "FUNCTION",
            Self::Procedure => "PROCEDURE",
            Self::Aggregate => "AGGREGATE",
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name, self.arguments)
    }
}

fact!(Function, signature: Signature);
