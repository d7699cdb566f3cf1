//! Reads a statement's nature from its syntax tree.

use super::body;
use super::nature::{Catalog, Nature, ROLE, Seam, Subject, Work};
use super::refuse::Words;
use super::token::Token;
use super::tree::source;
use squawk_syntax::ast::{
    AlterDatabase, AlterDatabaseAction, AlterTable, AlterTableAction, AlterType, AlterTypeAction,
    AstNode, CreateIndex, DetachPartitionOption, Do, DropIndex, Reindex, ReindexTarget, Set,
    SetScope, SetTarget, Stmt,
};
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the grammar makes of a statement.
pub(super) struct Understood {
    pub(super) nature: Nature,
    /// Why it is not sure: a message and a byte offset in the statement.
    pub(super) doubt: Option<(String, usize)>,
}

/// Parses one statement. `piece` are its tokens in `script`.
pub(super) fn classify(text: &str, script: &str, piece: &[Token]) -> Understood {
    let words = Words {
        text: script,
        piece,
    };
    // A bug in the parser must not take the program down: the statement is then doubtful, as any it does not know.
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        let parse = SourceFile::parse(text);
        let first_error = parse.errors().into_iter().next();
        let doubt = first_error.map(|error| {
            (
                String::from(error.message()),
                usize::from(error.range().start()),
            )
        });
        let mut statements = parse.tree().stmts();
        match (statements.next(), statements.next()) {
            (Some(statement), None) => (Some(nature(&statement)), doubt),
            _ => (
                None,
                doubt.or_else(|| Some((String::from("not one statement"), 0))),
            ),
        }
    }));
    match parsed {
        Ok((Some(nature), None)) => Understood {
            nature,
            doubt: None,
        },
        Ok((_, doubt)) => Understood {
            nature: by_words(&words),
            doubt,
        },
        Err(_panic) => Understood {
            nature: by_words(&words),
            doubt: Some((String::from("the parser failed"), 0)),
        },
    }
}

/// The nature of a statement that the grammar does not understand: alone whenever it might have to be.
fn by_words(words: &Words<'_>) -> Nature {
    let alone: [&[&str]; 12] = [
        &["vacuum"],
        &["reindex"],
        &["cluster"],
        &["repack"],
        &["alter", "system"],
        &["create", "database"],
        &["drop", "database"],
        &["create", "tablespace"],
        &["drop", "tablespace"],
        &["create", "subscription"],
        &["alter", "subscription"],
        &["drop", "subscription"],
    ];
    if words.starts(&["set"]) && !words.starts(&["set", "local"]) {
        return Nature::setting(None);
    }
    let concurrently = words.contains("concurrently") && !words.starts(&["refresh"]);
    if concurrently || alone.iter().any(|it| words.starts(it)) {
        Nature::alone(Subject::Unknown)
    } else {
        Nature::transactional(Work::Data)
    }
}

fn nature(statement: &Stmt) -> Nature {
    match statement {
        Stmt::CreateIndex(it) if it.concurrently_token().is_some() => create_index(it),
        Stmt::DropIndex(it) if it.concurrently_token().is_some() => drop_index(it),
        Stmt::AlterTable(it) => alter_table(it),
        Stmt::AlterType(it) => alter_type(it),
        Stmt::AlterDatabase(it) => alter_database(it),
        Stmt::Vacuum(_)
        | Stmt::Cluster(_)
        | Stmt::Repack(_)
        | Stmt::AlterSystem(_)
        | Stmt::AlterSubscription(_) => Nature::alone(Subject::Repeatable),
        Stmt::Reindex(it) => reindex(it),
        Stmt::CreateDatabase(it) => global(Catalog::Database, it.database(), true),
        Stmt::DropDatabase(it) => global(Catalog::Database, it.database_ref(), false),
        Stmt::CreateTablespace(it) => global(Catalog::Tablespace, it.tablespace(), true),
        Stmt::DropTablespace(it) => global(Catalog::Tablespace, it.tablespace_ref(), false),
        Stmt::CreateSubscription(it) => global(Catalog::Subscription, it.subscription(), true),
        Stmt::DropSubscription(it) => global(Catalog::Subscription, it.subscription_ref(), false),
        Stmt::Do(it) if commits(it) => commits_itself(it.syntax()),
        Stmt::Do(_) => Nature::transactional(Work::Data),
        Stmt::Set(it) => set(it),
        Stmt::SetRole(it) => role(it.set_scope().as_ref()),
        Stmt::SetSessionAuth(it) => role(it.set_scope().as_ref()),
        Stmt::ResetRole(_) | Stmt::ResetSessionAuth(_) => role(None),
        Stmt::Reset(_) | Stmt::Load(_) => Nature::setting(None),
        Stmt::Analyze(_) | Stmt::Refresh(_) | Stmt::CreateMaterializedView(_) => {
            Nature::transactional(Work::Scan)
        }
        Stmt::Insert(_)
        | Stmt::Update(_)
        | Stmt::Delete(_)
        | Stmt::Merge(_)
        | Stmt::Copy(_)
        | Stmt::Select(_)
        | Stmt::CompoundSelect(_)
        | Stmt::ParenSelect(_)
        | Stmt::SelectInto(_)
        | Stmt::CreateTableAs(_)
        | Stmt::Call(_)
        | Stmt::Execute(_)
        | Stmt::Explain(_) => Nature::transactional(Work::Data),
        _ => Nature::transactional(Work::Schema),
    }
}

/// A line in the body of a `DO` that commits as it goes and may be run again after an interruption.
pub(crate) const REPEATABLE: &str = "-- underpin: repeatable";

/// Does a block end transactions as it goes? PostgreSQL refuses that inside one.
fn commits(block: &Do) -> bool {
    let literal = block.body().map(|it| it.syntax().text().to_string());
    literal.is_some_and(|it| body::ends_transactions(body::inside(&it)))
}

fn commits_itself(block: &SyntaxNode) -> Nature {
    let is_repeatable = block.text().to_string().contains(REPEATABLE);
    let subject = match is_repeatable {
        true => Subject::Repeatable,
        false => Subject::Unknown,
    };
    Nature {
        work: Work::Data,
        ..Nature::alone(subject)
    }
}

fn create_index(it: &CreateIndex) -> Nature {
    let table = it.table_relation_name().and_then(|it| it.table_name_ref());
    match source(table) {
        Some(table) => Nature::concurrent(Subject::CreateIndex {
            index: source(it.index()),
            table,
        }),
        None => Nature::alone(Subject::Unknown),
    }
}

fn drop_index(it: &DropIndex) -> Nature {
    // PostgreSQL drops one index at a time concurrently.
    match source(it.index_refs().next()) {
        Some(index) => Nature::concurrent(Subject::DropIndex { index }),
        None => Nature::alone(Subject::Unknown),
    }
}

fn reindex(it: &Reindex) -> Nature {
    let target = match it.reindex_target() {
        Some(ReindexTarget::ReindexTargetIndex(it)) => source(it.index_ref()),
        Some(ReindexTarget::ReindexTargetTable(it)) => source(it.table_name_ref()),
        _ => None,
    };
    let subject = match target {
        Some(target) => Subject::Reindex { target },
        None => Subject::Repeatable,
    };
    let mut tokens = it.syntax().descendants_with_tokens();
    if tokens.any(|it| it.kind() == SyntaxKind::CONCURRENTLY_KW) {
        Nature::concurrent(subject)
    } else {
        Nature::alone(subject)
    }
}

fn alter_table(it: &AlterTable) -> Nature {
    let mut nature = Nature::transactional(Work::Schema);
    let table = it.table_relation_name().and_then(|it| it.table_name_ref());
    for action in it.actions() {
        match action {
            AlterTableAction::DetachPartition(detach) => {
                if let Some(DetachPartitionOption::DetachConcurrently(_)) =
                    detach.detach_partition_option()
                {
                    let partition = detach.table_name_ref();
                    return Nature::concurrent(match (source(table), source(partition)) {
                        (Some(table), Some(partition)) => Subject::Detach { table, partition },
                        _ => Subject::Unknown,
                    });
                }
            }
            AlterTableAction::ValidateConstraint(_) => {
                nature.work = Work::Scan;
                nature.seam = Seam::Validate;
            }
            other => {
                let mut below = other.syntax().descendants();
                if below.any(|node| node.kind() == SyntaxKind::NOT_VALID) {
                    nature.seam = Seam::NotValid;
                }
            }
        }
    }
    nature
}

fn alter_type(it: &AlterType) -> Nature {
    let mut nature = Nature::transactional(Work::Schema);
    if let Some(AlterTypeAction::AddValue(_)) = it.action() {
        nature.seam = Seam::EnumValue;
    }
    nature
}

fn alter_database(it: &AlterDatabase) -> Nature {
    match it.action() {
        Some(AlterDatabaseAction::SetTablespace(_)) => Nature::alone(Subject::Repeatable),
        _ => Nature::transactional(Work::Schema),
    }
}

fn set(it: &Set) -> Nature {
    if is_local(it.set_scope().as_ref()) {
        return Nature::transactional(Work::Schema);
    }
    let name = match it.set_target() {
        Some(SetTarget::SetConfig(config)) => source(config.config_parameter_ref()),
        _ => None,
    };
    Nature::setting(name.map(|it| it.to_ascii_lowercase()))
}

/// The role in force decides who may write the ledger: the runner takes its own back for that.
fn role(scope: Option<&SetScope>) -> Nature {
    let name = Some(String::from(ROLE));
    if is_local(scope) {
        Nature {
            sets: name,
            ..Nature::transactional(Work::Schema)
        }
    } else {
        Nature::setting(name)
    }
}

fn is_local(scope: Option<&SetScope>) -> bool {
    matches!(scope, Some(SetScope::LocalScope(_)))
}

fn global(catalog: Catalog, name: Option<impl AstNode>, create: bool) -> Nature {
    Nature::alone(match source(name) {
        Some(name) => Subject::Global {
            catalog,
            name,
            create,
        },
        None => Subject::Unknown,
    })
}
