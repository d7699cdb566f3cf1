//! The table lock that a statement takes, as PostgreSQL's documentation has it.

use super::tree::ask;
use serde::{Serialize, Serializer};
use squawk_syntax::ast::{
    AlterColumnOption, AlterTable, AlterTableAction, AstNode, Constraint, DetachPartitionOption,
    Stmt,
};
use squawk_syntax::{SyntaxKind, SyntaxNode};
use std::fmt;

/// A table lock, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TableLock {
    /// Reads.
    AccessShare,
    /// Writes rows.
    RowExclusive,
    /// Lets others read and write, but not change the schema.
    ShareUpdateExclusive,
    /// Lets others read.
    Share,
    /// Lets others read; not shared with itself.
    ShareRowExclusive,
    /// Lets others read, and not lock rows.
    Exclusive,
    /// Lets nobody in.
    AccessExclusive,
}

impl TableLock {
    /// As SQL spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// What others can do with the table meanwhile.
    #[must_use]
    pub fn leaves(self) -> &'static str {
        match self {
            Self::AccessShare | Self::RowExclusive | Self::ShareUpdateExclusive => {
                "others read and write"
            }
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => "others only read",
            Self::AccessExclusive => "nobody else reads or writes",
        }
    }
}

impl fmt::Display for TableLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for TableLock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The strongest lock of a statement on a table that was there before.
pub(super) fn of(text: &str) -> Option<TableLock> {
    ask(text, lock).flatten()
}

fn lock(statement: &Stmt) -> Option<TableLock> {
    use TableLock::{
        AccessExclusive, AccessShare, Exclusive, RowExclusive, Share, ShareRowExclusive,
        ShareUpdateExclusive,
    };
    let concurrently = || has(statement.syntax(), SyntaxKind::CONCURRENTLY_KW);
    Some(match statement {
        Stmt::AlterTable(it) => it
            .actions()
            .filter_map(|action| of_action(it, &action))
            .max()?,
        Stmt::CreateIndex(_) | Stmt::Reindex(_) if concurrently() => ShareUpdateExclusive,
        Stmt::CreateIndex(_) => Share,
        Stmt::DropIndex(_) if concurrently() => ShareUpdateExclusive,
        Stmt::Refresh(_) if concurrently() => Exclusive,
        Stmt::Vacuum(_) if has(statement.syntax(), SyntaxKind::FULL_KW) => AccessExclusive,
        Stmt::Vacuum(_) | Stmt::Analyze(_) | Stmt::CreateStatistics(_) | Stmt::CommentOn(_) => {
            ShareUpdateExclusive
        }
        Stmt::CreateTrigger(_) => ShareRowExclusive,
        Stmt::CreateTable(_) if refers(statement.syntax()) => ShareRowExclusive,
        Stmt::DropTable(_)
        | Stmt::DropIndex(_)
        | Stmt::DropView(_)
        | Stmt::DropMaterializedView(_)
        | Stmt::DropTrigger(_)
        | Stmt::DropPolicy(_)
        | Stmt::DropRule(_)
        | Stmt::DropSchema(_)
        | Stmt::AlterView(_)
        | Stmt::AlterMaterializedView(_)
        | Stmt::AlterPolicy(_)
        | Stmt::AlterTrigger(_)
        | Stmt::CreatePolicy(_)
        | Stmt::CreateRule(_)
        | Stmt::Truncate(_)
        | Stmt::Cluster(_)
        | Stmt::Repack(_)
        | Stmt::Reindex(_)
        | Stmt::Refresh(_) => AccessExclusive,
        Stmt::AlterIndex(_) => ShareUpdateExclusive,
        Stmt::Insert(_) | Stmt::Update(_) | Stmt::Delete(_) | Stmt::Merge(_) => RowExclusive,
        Stmt::Select(_)
        | Stmt::CompoundSelect(_)
        | Stmt::CreateView(_)
        | Stmt::CreateTableAs(_) => {
            has(statement.syntax(), SyntaxKind::FROM_CLAUSE).then_some(AccessShare)?
        }
        _ => return None,
    })
}

fn of_action(alter: &AlterTable, action: &AlterTableAction) -> Option<TableLock> {
    use TableLock::{AccessExclusive, ShareRowExclusive, ShareUpdateExclusive};
    alter.table_relation_name()?;
    Some(match action {
        AlterTableAction::ValidateConstraint(_)
        | AlterTableAction::ClusterOn(_)
        | AlterTableAction::SetWithoutCluster(_)
        | AlterTableAction::SetOptions(_)
        | AlterTableAction::ResetOptions(_)
        | AlterTableAction::AttachPartition(_) => ShareUpdateExclusive,
        AlterTableAction::DetachPartition(it) => match it.detach_partition_option() {
            Some(DetachPartitionOption::DetachConcurrently(_)) => ShareUpdateExclusive,
            _ => AccessExclusive,
        },
        AlterTableAction::AddConstraint(it) => match it.constraint() {
            Some(Constraint::ForeignKeyConstraint(_)) => ShareRowExclusive,
            _ => AccessExclusive,
        },
        AlterTableAction::EnableTrigger(_)
        | AlterTableAction::EnableAlwaysTrigger(_)
        | AlterTableAction::EnableReplicaTrigger(_)
        | AlterTableAction::DisableTrigger(_) => ShareRowExclusive,
        AlterTableAction::AlterColumn(it) => match it.option() {
            Some(AlterColumnOption::SetStatistics(_) | AlterColumnOption::SetOptions(_)) => {
                ShareUpdateExclusive
            }
            _ => AccessExclusive,
        },
        _ => AccessExclusive,
    })
}

/// Is the token or node anywhere in it?
fn has(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.descendants_with_tokens().any(|it| it.kind() == kind)
}

/// Does a new table refer to another, which is locked against writes meanwhile?
fn refers(node: &SyntaxNode) -> bool {
    has(node, SyntaxKind::REFERENCES_KW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_those_of_the_documentation() {
        let check = |text: &str, expected: &str| {
            let lock = of(text).map_or("none", TableLock::as_str);
            assert_eq!(lock, expected, "{text}");
        };
        check("ALTER TABLE t ADD COLUMN a int", "ACCESS EXCLUSIVE");
        check(
            "ALTER TABLE t VALIDATE CONSTRAINT c",
            "SHARE UPDATE EXCLUSIVE",
        );
        check(
            "ALTER TABLE t VALIDATE CONSTRAINT c, DROP COLUMN a",
            "ACCESS EXCLUSIVE",
        );
        check(
            "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES o NOT VALID",
            "SHARE ROW EXCLUSIVE",
        );
        check(
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
            "ACCESS EXCLUSIVE",
        );
        check(
            "ALTER TABLE t ALTER COLUMN a SET STATISTICS 100",
            "SHARE UPDATE EXCLUSIVE",
        );
        check("CREATE INDEX i ON t (a)", "SHARE");
        check(
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            "SHARE UPDATE EXCLUSIVE",
        );
        check("DROP INDEX i", "ACCESS EXCLUSIVE");
        check("CREATE TABLE t (a int)", "none");
        check("CREATE TABLE t (a int REFERENCES o)", "SHARE ROW EXCLUSIVE");
        check("UPDATE t SET a = 1", "ROW EXCLUSIVE");
        check("SELECT 1", "none");
        check("SELECT * FROM t", "ACCESS SHARE");
        check("VACUUM FULL t", "ACCESS EXCLUSIVE");
        check("no sql at all", "none");
    }
}
