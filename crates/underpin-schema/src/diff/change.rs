//! One change of a plan.

use crate::{Column, Constraint, Index, Object, Part, QualifiedName};
use serde::Serialize;
use std::collections::BTreeSet;

/// All changes between two schemas, in an order in which they can be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The changes.
    pub changes: Vec<Change>,
    /// For each change the places of those that it waits for; these may wait for others.
    pub after: Vec<BTreeSet<usize>>,
}

/// A change of one object, and the plain SQL that makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What is changed.
    pub object: Object,
    /// How, for those who know a better way than the plain one, or want to warn.
    pub kind: ChangeKind,
    /// Statements without semicolons.
    pub statements: Vec<String>,
}

/// How an object is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// Made.
    Create,
    /// Dropped, with what it holds.
    Drop,
    /// Dropped, to be made again later in the plan; rows are not lost.
    Release,
    /// Changed in a way that needs no care.
    Alter,
    /// A label is added to an enum. It cannot be used in the same transaction.
    AddEnumValue,
    /// A column is added.
    AddColumn(QualifiedName, Box<Column>),
    /// A column is dropped and added again, since it cannot be changed. Its values are lost unless it is generated.
    ReplaceColumn(Part),
    /// A column gets another type. False: no row is written again.
    ChangeType(Part, bool),
    /// A column refuses NULL.
    SetNotNull(Part),
    /// A constraint is added to a table.
    AddConstraint(QualifiedName, Box<Constraint>),
    /// A constraint that was not is checked against all rows.
    ValidateConstraint(Part),
    /// An index is built.
    CreateIndex(QualifiedName, Box<Index>),
    /// An index is dropped.
    DropIndex(QualifiedName),
    /// An index is built again with another definition, on this table.
    ReplaceIndex(QualifiedName, Box<Index>),
    /// An index that a failed concurrent build left INVALID is built again.
    RebuildIndex(QualifiedName),
    /// Fails when whoever runs the plan may not give back what is made again to its owner.
    Guard,
    /// Rows are written into other files: `SET LOGGED`, `SET TABLESPACE`, `SET ACCESS METHOD`.
    Rewrite,
    /// A partition is taken out of its table.
    Detach,
    /// A table becomes a partition.
    Attach,
    /// Who sees or does what changes: privileges, policies, row-level security, owners, with whose rights something runs.
    Access,
}

impl Change {
    pub(crate) fn new(object: Object, kind: ChangeKind, statements: Vec<String>) -> Self {
        Self {
            object,
            kind,
            statements,
        }
    }

    /// A change of one statement that needs no care.
    pub(crate) fn alter(object: Object, statement: impl Into<String>) -> Self {
        Self::new(object, ChangeKind::Alter, vec![statement.into()])
    }
}
