//! Which lock a statement takes, read from its syntax tree.

use super::TableLock::{
    self, AccessExclusive, AccessShare, Exclusive, RowExclusive, RowShare, Share,
    ShareRowExclusive, ShareUpdateExclusive,
};
use crate::sql::tree::source;
use squawk_syntax::ast::{
    AlterColumnOption, AlterDomainAction, AlterIndexAction, AlterTable, AlterTableAction, AstNode,
    CommentObject, Constraint, DetachPartitionOption, Lock, Stmt,
};
use squawk_syntax::{SyntaxKind, SyntaxNode};

pub(super) fn lock(statement: &Stmt) -> Option<TableLock> {
    let node = statement.syntax();
    let concurrently = || has(node, SyntaxKind::CONCURRENTLY_KW);
    match statement {
        Stmt::AlterTable(it) => it.actions().filter_map(|action| altered(it, &action)).max(),
        Stmt::AlterIndex(it) => Some(match it.action()? {
            AlterIndexAction::SetTablespace(_) | AlterIndexAction::AttachIndexPartition(_) => {
                AccessExclusive
            }
            _ => ShareUpdateExclusive,
        }),
        Stmt::AlterDomain(it) => match it.action()? {
            AlterDomainAction::AddConstraint(_)
            | AlterDomainAction::SetNotNull(_)
            | AlterDomainAction::ValidateConstraint(_) => {
                (!has(node, SyntaxKind::NOT_VALID)).then_some(Share)
            }
            _ => None,
        },
        Stmt::CreateIndex(_) | Stmt::DropIndex(_) | Stmt::Reindex(_) if concurrently() => {
            Some(ShareUpdateExclusive)
        }
        Stmt::CreateIndex(_) => Some(Share),
        Stmt::Refresh(_) if concurrently() => Some(Exclusive),
        Stmt::Vacuum(_) if has(node, SyntaxKind::FULL_KW) => Some(AccessExclusive),
        Stmt::Vacuum(_) | Stmt::Analyze(_) | Stmt::CreateStatistics(_) => {
            Some(ShareUpdateExclusive)
        }
        Stmt::CommentOn(it) => commented(&it.comment_object()?),
        Stmt::CreateTrigger(_) => Some(ShareRowExclusive),
        Stmt::CreateTable(_) => new_table(node),
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
        // On the indexes; but whoever plans a query looks at them all.
        | Stmt::Reindex(_)
        | Stmt::Refresh(_) => Some(AccessExclusive),
        Stmt::Lock(it) => Some(asked(it)),
        Stmt::Insert(_) | Stmt::Update(_) | Stmt::Delete(_) | Stmt::Merge(_) => Some(RowExclusive),
        Stmt::Copy(_) if has(node, SyntaxKind::FROM_KW) => Some(RowExclusive),
        Stmt::Select(_)
        | Stmt::CompoundSelect(_)
        | Stmt::ParenSelect(_)
        | Stmt::SelectInto(_)
        | Stmt::Table(_)
        | Stmt::Explain(_)
        | Stmt::Copy(_)
        | Stmt::CreateView(_)
        | Stmt::CreateMaterializedView(_)
        | Stmt::CreateTableAs(_) => read(node),
        // Whatever depends on it goes too: columns of a type, triggers of a function.
        _ if is_drop(node) && has(node, SyntaxKind::CASCADE_KW) => Some(AccessExclusive),
        _ => None,
    }
}

fn altered(alter: &AlterTable, action: &AlterTableAction) -> Option<TableLock> {
    alter.table_relation_name()?;
    Some(match action {
        AlterTableAction::ValidateConstraint(_)
        | AlterTableAction::ClusterOn(_)
        | AlterTableAction::SetWithoutCluster(_)
        | AlterTableAction::SetOptions(_)
        | AlterTableAction::ResetOptions(_) => ShareUpdateExclusive,
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
        // An attached partition as well: the weaker lock is only its parent's.
        _ => AccessExclusive,
    })
}

/// The locks on those that a new table is made after, refers to, or becomes a part of.
fn new_table(node: &SyntaxNode) -> Option<TableLock> {
    [
        (SyntaxKind::PARTITION_OF, AccessExclusive),
        (SyntaxKind::REFERENCES_KW, ShareRowExclusive),
        (SyntaxKind::INHERITS, ShareUpdateExclusive),
        (SyntaxKind::LIKE_CLAUSE, AccessShare),
    ]
    .into_iter()
    .find_map(|(kind, lock)| has(node, kind).then_some(lock))
}

/// The locks of a query, whose WITH may write.
fn read(node: &SyntaxNode) -> Option<TableLock> {
    [
        (SyntaxKind::INSERT, RowExclusive),
        (SyntaxKind::UPDATE, RowExclusive),
        (SyntaxKind::DELETE, RowExclusive),
        (SyntaxKind::MERGE, RowExclusive),
        (SyntaxKind::LOCKING_CLAUSE, RowShare),
        (SyntaxKind::FROM_CLAUSE, AccessShare),
        (SyntaxKind::TABLE, AccessShare),
    ]
    .into_iter()
    .find_map(|(kind, lock)| has(node, kind).then_some(lock))
}

fn commented(object: &CommentObject) -> Option<TableLock> {
    match object {
        CommentObject::ObjectTable(_)
        | CommentObject::ObjectColumn(_)
        | CommentObject::ObjectIndex(_)
        | CommentObject::ObjectView(_)
        | CommentObject::ObjectMaterializedView(_) => Some(ShareUpdateExclusive),
        CommentObject::ObjectConstraint(_)
        | CommentObject::ObjectPolicy(_)
        | CommentObject::ObjectRule(_)
        | CommentObject::ObjectTrigger(_) => Some(AccessShare),
        _ => None,
    }
}

/// The lock that `LOCK TABLE` asks for.
fn asked(lock: &Lock) -> TableLock {
    let mode = source(lock.lock_mode_clause().and_then(|it| it.lock_mode()));
    let words = mode.map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
    let named = words.and_then(|words| {
        let all = TableLock::ALL.into_iter();
        all.rev().find(|it| words.eq_ignore_ascii_case(it.as_str()))
    });
    named.unwrap_or(AccessExclusive)
}

fn is_drop(node: &SyntaxNode) -> bool {
    let first = node.first_token();
    first.is_some_and(|it| it.kind() == SyntaxKind::DROP_KW)
}

/// Is the token or node anywhere in it?
fn has(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.descendants_with_tokens().any(|it| it.kind() == kind)
}
