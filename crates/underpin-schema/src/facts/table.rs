//! Tables.

use super::fact::fact;
use super::{
    Column, Columns, Constraint, ConstraintKind, Facts, Index, Key, Parameters, Policy, Privileges,
    QualifiedName, ReplicaIdentity, Rule, Trigger, quote_identifier,
};
use serde::Serialize;

/// A table, with everything that goes when it is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Its name.
    pub name: QualifiedName,
    /// Plain or partitioned.
    pub kind: TableKind,
    /// The partitioned table it is a part of.
    pub partition: Option<Partition>,
    /// The tables it inherits from, in their order.
    pub inherits: Vec<QualifiedName>,
    /// Its columns.
    pub columns: Columns,
    /// Its constraints, all but `NOT NULL`.
    pub constraints: Facts<Constraint>,
    /// Its indexes, all but those of constraints.
    pub indexes: Facts<Index>,
    /// Its triggers.
    pub triggers: Facts<Trigger>,
    /// Its rules.
    pub rules: Facts<Rule>,
    /// Is row-level security on?
    pub row_security: RowSecurity,
    /// Its row-level security policies.
    pub policies: Facts<Policy>,
    /// Not written ahead; empty after a crash.
    pub unlogged: bool,
    /// Storage parameters; those of the TOAST table begin with `toast.`.
    pub parameters: Parameters,
    /// Its access method, when it is not `heap`.
    pub access_method: Option<String>,
    /// Its tablespace, when it is not the default one.
    pub tablespace: Option<String>,
    /// What logical replication sends of a changed row.
    pub replica_identity: ReplicaIdentity,
    /// The constraint whose index `CLUSTER` is to follow; an index says so itself.
    pub clustered_on: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// Who may use it, as far as it differs from the default.
    pub privileges: Privileges,
}

/// Plain or partitioned.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// Holds rows.
    #[default]
    Plain,
    /// Its partitions hold the rows.
    Partitioned(PartitionKey),
}

/// How rows are given to partitions, as `pg_get_partkeydef` writes it: `RANGE (created_at)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PartitionKey(pub String);

impl PartitionKey {
    /// Does a column of this name, or an expression over it, decide? A word of this name that is none is taken for it.
    pub(crate) fn mentions(&self, column: &str) -> bool {
        let column = quote_identifier(column);
        let is_part_of_word = |it: char| it.is_alphanumeric() || it == '_' || it == '$';
        let mut found = self.0.match_indices(&*column);
        found.any(|(start, _)| {
            let (before, after) = (&self.0[..start], &self.0[start + column.len()..]);
            !before.ends_with(is_part_of_word) && !after.starts_with(is_part_of_word)
        })
    }
}

/// A table's place in a partitioned one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Partition {
    /// The partitioned table.
    pub parent: QualifiedName,
    /// Its rows: `FOR VALUES FROM (…) TO (…)`, or `DEFAULT`.
    pub bound: String,
}

/// Is row-level security on?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RowSecurity {
    /// For everybody but the owner.
    pub enabled: bool,
    /// For the owner too, once it is enabled.
    pub forced: bool,
}

impl Table {
    /// A plain table without columns.
    #[must_use]
    pub fn new(name: QualifiedName) -> Self {
        Self {
            name,
            kind: TableKind::Plain,
            partition: None,
            inherits: Vec::new(),
            columns: Columns::default(),
            constraints: Facts::default(),
            indexes: Facts::default(),
            triggers: Facts::default(),
            rules: Facts::default(),
            row_security: RowSecurity::default(),
            policies: Facts::default(),
            unlogged: false,
            parameters: Parameters::new(),
            access_method: None,
            tablespace: None,
            replica_identity: ReplicaIdentity::Default,
            clustered_on: None,
            comment: None,
            privileges: Privileges::default(),
        }
    }

    /// Adds a column at the end; one of the same name is replaced.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.columns.insert(column);
        self
    }

    /// Adds a constraint; one of the same name is replaced.
    #[must_use]
    pub fn constraint(mut self, constraint: Constraint) -> Self {
        self.constraints.insert(constraint);
        self
    }

    /// Adds an index; one of the same name is replaced.
    #[must_use]
    pub fn index(mut self, index: Index) -> Self {
        self.indexes.insert(index);
        self
    }

    /// Sets the comment.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// The primary key, when there is one.
    #[must_use]
    pub fn primary_key(&self) -> Option<&Key> {
        self.constraints
            .iter()
            .find_map(|constraint| match &constraint.kind {
                ConstraintKind::PrimaryKey(key) => Some(key),
                _ => None,
            })
    }
}

fact!(Table, name: QualifiedName);
