//! Objects by name, to say what depends on what and what a statement is about.

use crate::facts::{Part, QualifiedName, Signature};
use serde::Serialize;
use std::fmt;

/// An object of a schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// A schema.
    Namespace(String),
    /// An extension, and everything it made.
    Extension(String),
    /// A collation.
    Collation(QualifiedName),
    /// An enum, a domain, a composite or a range.
    Type(QualifiedName),
    /// A sequence that is no identity column's.
    Sequence(QualifiedName),
    /// A function, a procedure or an aggregate.
    Function(Signature),
    /// A table.
    Table(QualifiedName),
    /// A column of a table or a view, an attribute of a composite type.
    Column(Part),
    /// The default of a column, or how it is generated.
    Default(Part),
    /// A constraint of a table or a domain, with its index.
    Constraint(Part),
    /// An index.
    Index(QualifiedName),
    /// A view.
    View(QualifiedName),
    /// A materialised view.
    MaterialisedView(QualifiedName),
    /// A trigger.
    Trigger(Part),
    /// A rule.
    Rule(Part),
    /// A row-level security policy.
    Policy(Part),
    /// Extended statistics.
    Statistics(QualifiedName),
    /// Privileges that objects made later are given.
    DefaultPrivileges,
}

impl Object {
    /// The object that it is a part of and goes with: the table of a column, for example.
    #[must_use]
    pub fn whole(&self) -> Option<&QualifiedName> {
        match self {
            Self::Column(part)
            | Self::Default(part)
            | Self::Constraint(part)
            | Self::Trigger(part)
            | Self::Rule(part)
            | Self::Policy(part) => Some(&part.of),
            _ => None,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Namespace(name) => write!(f, "schema {name}"),
            Self::Extension(name) => write!(f, "extension {name}"),
            Self::Collation(name) => write!(f, "collation {name}"),
            Self::Type(name) => write!(f, "type {name}"),
            Self::Sequence(name) => write!(f, "sequence {name}"),
            Self::Function(signature) => write!(f, "function {signature}"),
            Self::Table(name) => write!(f, "table {name}"),
            Self::Column(part) => write!(f, "column {part}"),
            Self::Default(part) => write!(f, "default of {part}"),
            Self::Constraint(part) => write!(f, "constraint {part}"),
            Self::Index(name) => write!(f, "index {name}"),
            Self::View(name) => write!(f, "view {name}"),
            Self::MaterialisedView(name) => write!(f, "materialised view {name}"),
            Self::Trigger(part) => write!(f, "trigger {part}"),
            Self::Rule(part) => write!(f, "rule {part}"),
            Self::Policy(part) => write!(f, "policy {part}"),
            Self::Statistics(name) => write!(f, "statistics {name}"),
            Self::DefaultPrivileges => f.write_str("default privileges"),
        }
    }
}
