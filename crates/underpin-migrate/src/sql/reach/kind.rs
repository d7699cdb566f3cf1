//! The statements that stay in their database, by their kinds.

use super::Reach;
use crate::sql::body::Script;
use crate::sql::outside::copies_file;
use squawk_syntax::ast::Stmt;

/// Whether a statement runs code, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Describes objects; expressions in it may call functions.
    Definition,
    /// Only names objects.
    Naming,
    /// Makes a routine: its body runs later.
    Routine,
    /// Runs a body.
    Block,
    /// Reads or writes rows.
    Rows,
}

/// What kind of statement it is; else what it reaches.
pub(super) fn kind(statement: &Stmt, words: &Script<'_>) -> Result<Kind, Reach> {
    let said = || {
        let words: Vec<String> = (0..2).filter_map(|it| words.word(it)).collect();
        words.join(" ").to_uppercase()
    };
    let apart = || Err(Reach::Apart(said()));
    let server = || Err(Reach::Server(said()));
    match statement {
        Stmt::AlterSystem(_)
        | Stmt::CreateDatabase(_)
        | Stmt::AlterDatabase(_)
        | Stmt::DropDatabase(_)
        | Stmt::CreateSubscription(_)
        | Stmt::AlterSubscription(_)
        | Stmt::DropSubscription(_)
        | Stmt::Checkpoint(_) => apart(),
        Stmt::CommentOn(_) | Stmt::SecurityLabel(_) | Stmt::Grant(_) | Stmt::Revoke(_) => {
            match class_after_on(words).as_str() {
                "database" | "subscription" => apart(),
                // Without ON it is about being a member of a role.
                "" | "role" | "tablespace" | "parameter" => server(),
                _ => Ok(Kind::Naming),
            }
        }
        Stmt::Copy(_) => match copies_file(words) {
            true => Err(Reach::Server(String::from(
                "COPY from or to a file or program of the server",
            ))),
            false => Ok(Kind::Rows),
        },
        Stmt::Do(_) | Stmt::Prepare(_) => Ok(Kind::Block),
        Stmt::CreateFunction(_) | Stmt::CreateProcedure(_) => Ok(Kind::Routine),
        other => known_kind(other).map_or_else(server, Ok),
    }
}

/// The object class of `… ON class name …`.
fn class_after_on(words: &Script<'_>) -> String {
    let at = words
        .tokens
        .iter()
        .position(|it| it.is_word(words.text, "on"));
    at.and_then(|at| words.word(at + 1)).unwrap_or_default()
}

/// The statements that stay in their database, whatever they say.
fn known_kind(statement: &Stmt) -> Option<Kind> {
    match statement {
        Stmt::Call(_)
        | Stmt::Close(_)
        | Stmt::CompoundSelect(_)
        | Stmt::CreateMaterializedView(_)
        | Stmt::CreateTableAs(_)
        | Stmt::Declare(_)
        | Stmt::Delete(_)
        | Stmt::Execute(_)
        | Stmt::Explain(_)
        | Stmt::Fetch(_)
        | Stmt::Insert(_)
        | Stmt::Merge(_)
        | Stmt::Move(_)
        | Stmt::ParenSelect(_)
        | Stmt::Refresh(_)
        | Stmt::Select(_)
        | Stmt::SelectInto(_)
        | Stmt::Table(_)
        | Stmt::Update(_)
        | Stmt::Values(_) => Some(Kind::Rows),
        Stmt::AlterDomain(_)
        | Stmt::AlterExtension(_)
        | Stmt::AlterForeignTable(_)
        | Stmt::AlterIndex(_)
        | Stmt::AlterMaterializedView(_)
        | Stmt::AlterPolicy(_)
        | Stmt::AlterTable(_)
        | Stmt::AlterType(_)
        | Stmt::AlterView(_)
        | Stmt::CreateAggregate(_)
        | Stmt::CreateCast(_)
        | Stmt::CreateDomain(_)
        | Stmt::CreateEventTrigger(_)
        | Stmt::CreateExtension(_)
        | Stmt::CreateForeignDataWrapper(_)
        | Stmt::CreateForeignTable(_)
        | Stmt::CreateIndex(_)
        | Stmt::CreateOperator(_)
        | Stmt::CreatePolicy(_)
        | Stmt::CreateRule(_)
        | Stmt::CreateSchema(_)
        | Stmt::CreateServer(_)
        | Stmt::CreateStatistics(_)
        | Stmt::CreateTable(_)
        | Stmt::CreateTrigger(_)
        | Stmt::CreateType(_)
        | Stmt::CreateUserMapping(_)
        | Stmt::CreateView(_) => Some(Kind::Definition),
        _ => only_names(statement).then_some(Kind::Naming),
    }
}

/// Statements without expressions of their own.
fn only_names(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::AlterAggregate(_)
            | Stmt::AlterCollation(_)
            | Stmt::AlterConversion(_)
            | Stmt::AlterDefaultPrivileges(_)
            | Stmt::AlterEventTrigger(_)
            | Stmt::AlterForeignDataWrapper(_)
            | Stmt::AlterFunction(_)
            | Stmt::AlterLanguage(_)
            | Stmt::AlterLargeObject(_)
            | Stmt::AlterOperator(_)
            | Stmt::AlterOperatorClass(_)
            | Stmt::AlterOperatorFamily(_)
            | Stmt::AlterProcedure(_)
            | Stmt::AlterPropertyGraph(_)
            | Stmt::AlterPublication(_)
            | Stmt::AlterRoutine(_)
            | Stmt::AlterRule(_)
            | Stmt::AlterSchema(_)
            | Stmt::AlterSequence(_)
            | Stmt::AlterServer(_)
            | Stmt::AlterStatistics(_)
            | Stmt::AlterTextSearchConfiguration(_)
            | Stmt::AlterTextSearchDictionary(_)
            | Stmt::AlterTextSearchParser(_)
            | Stmt::AlterTextSearchTemplate(_)
            | Stmt::AlterTrigger(_)
            | Stmt::AlterUserMapping(_)
            | Stmt::Analyze(_)
            | Stmt::Begin(_)
            | Stmt::Cluster(_)
            | Stmt::Commit(_)
            | Stmt::CreateAccessMethod(_)
            | Stmt::CreateCollation(_)
            | Stmt::CreateConversion(_)
            | Stmt::CreateLanguage(_)
            | Stmt::CreateOperatorClass(_)
            | Stmt::CreateOperatorFamily(_)
            | Stmt::CreatePropertyGraph(_)
            | Stmt::CreatePublication(_)
            | Stmt::CreateSequence(_)
            | Stmt::CreateTextSearchConfiguration(_)
            | Stmt::CreateTextSearchDictionary(_)
            | Stmt::CreateTextSearchParser(_)
            | Stmt::CreateTextSearchTemplate(_)
            | Stmt::CreateTransform(_)
            | Stmt::Deallocate(_)
            | Stmt::Discard(_)
            | Stmt::EmptyStmt(_)
            | Stmt::Listen(_)
            | Stmt::Lock(_)
            | Stmt::Notify(_)
            | Stmt::Reindex(_)
            | Stmt::ReleaseSavepoint(_)
            | Stmt::Repack(_)
            | Stmt::Reset(_)
            | Stmt::ResetRole(_)
            | Stmt::ResetSessionAuth(_)
            | Stmt::Rollback(_)
            | Stmt::SavepointCreate(_)
            | Stmt::Set(_)
            | Stmt::SetConstraints(_)
            | Stmt::SetRole(_)
            | Stmt::SetSessionAuth(_)
            | Stmt::SetTransaction(_)
            | Stmt::Show(_)
            | Stmt::Truncate(_)
            | Stmt::Unlisten(_)
            | Stmt::Vacuum(_)
    ) || drops_part_of_database(statement)
}

fn drops_part_of_database(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::DropAccessMethod(_)
            | Stmt::DropAggregate(_)
            | Stmt::DropCast(_)
            | Stmt::DropCollation(_)
            | Stmt::DropConversion(_)
            | Stmt::DropDomain(_)
            | Stmt::DropEventTrigger(_)
            | Stmt::DropExtension(_)
            | Stmt::DropForeignDataWrapper(_)
            | Stmt::DropForeignTable(_)
            | Stmt::DropFunction(_)
            | Stmt::DropIndex(_)
            | Stmt::DropLanguage(_)
            | Stmt::DropMaterializedView(_)
            | Stmt::DropOperator(_)
            | Stmt::DropOperatorClass(_)
            | Stmt::DropOperatorFamily(_)
            | Stmt::DropPolicy(_)
            | Stmt::DropProcedure(_)
            | Stmt::DropPropertyGraph(_)
            | Stmt::DropPublication(_)
            | Stmt::DropRoutine(_)
            | Stmt::DropRule(_)
            | Stmt::DropSchema(_)
            | Stmt::DropSequence(_)
            | Stmt::DropServer(_)
            | Stmt::DropStatistics(_)
            | Stmt::DropTable(_)
            | Stmt::DropTextSearchConfig(_)
            | Stmt::DropTextSearchDict(_)
            | Stmt::DropTextSearchParser(_)
            | Stmt::DropTextSearchTemplate(_)
            | Stmt::DropTransform(_)
            | Stmt::DropTrigger(_)
            | Stmt::DropType(_)
            | Stmt::DropUserMapping(_)
            | Stmt::DropView(_)
    )
}
