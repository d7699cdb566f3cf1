//! What a statement may do to the data that is there, as far as its text tells.
//!
//! This is an allow list: what is not known to keep data is [`Effect::Unknown`]. It decides how a statement of a way back is
//! looked at, not what it destroys: that is measured in the database while it runs, see `crate::loss`. So no name is
//! interpreted here.

mod calls;
mod known;
mod overwrites;

use super::tree::{ask, source};
use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{
    AlterColumnOption, AlterTable, AlterTableAction, AlterType, AlterTypeAction, AstNode, Copy,
    CopyDirection, CopySource, Stmt,
};

pub(crate) use calls::Call;

/// What a statement may do to data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It keeps all data.
    Keeps,
    /// It may take away tables, columns or values, by name or by dependency.
    Takes(Takes),
    /// It changes rows; None where its text does not tell which columns.
    Rows(Option<Overwrites>),
    /// Only running it would tell; why.
    Unknown(&'static str),
}

/// What must be known beside the catalog of what a statement takes away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Takes {
    /// The tables and columns of `DROP COLUMN`, for when it fails for another reason.
    pub(crate) columns: Vec<(String, String)>,
    /// The columns that get another type.
    pub(crate) types: Vec<NewType>,
    /// A table with a new file is an empty one: `TRUNCATE`. Elsewhere it is a table that was written anew.
    pub(crate) truncates: bool,
}

/// `ALTER COLUMN … TYPE`; all as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewType {
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) to: String,
    pub(crate) using: Option<String>,
}

/// An UPDATE whose text says which values it overwrites; all as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overwrites {
    pub(crate) table: String,
    pub(crate) columns: Vec<String>,
    /// The query for the rows, up to the condition that one of the columns has a value.
    pub(crate) count: String,
    /// What the columns are called by in that query.
    pub(crate) name: String,
}

impl Overwrites {
    /// The query that counts the rows with a value in one of these columns.
    pub(crate) fn count_of(&self, columns: &[&str]) -> String {
        let Self { count, name, .. } = self;
        let has_value = columns
            .iter()
            .map(|it| format!("{name}.{it} IS NOT NULL"))
            .collect::<Vec<_>>()
            .join(" OR ");
        format!("{count} AND ({has_value})")
    }
}

/// What a statement may do.
pub(super) fn of(text: &str) -> Effect {
    ask(text, effect).unwrap_or(Effect::Unknown("Underpin's parser does not understand it"))
}

/// The functions that a statement calls as soon as it runs, whatever it does otherwise.
pub(super) fn calls(text: &str) -> Vec<Call> {
    match ask(text, runs_query) {
        Some(true) => calls::of(text),
        _ => Vec::new(),
    }
}

/// Is it a query, or has it one that is run? The expressions of other statements, as in `USING`, are measured with them.
fn runs_query(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::CompoundSelect(_)
            | Stmt::Copy(_)
            | Stmt::CreateMaterializedView(_)
            | Stmt::CreateTableAs(_)
            | Stmt::Declare(_)
            | Stmt::Delete(_)
            | Stmt::Explain(_)
            | Stmt::Insert(_)
            | Stmt::Merge(_)
            | Stmt::ParenSelect(_)
            | Stmt::Select(_)
            | Stmt::SelectInto(_)
            | Stmt::Update(_)
            | Stmt::Values(_)
    )
}

fn effect(statement: &Stmt) -> Effect {
    if executes_prepared(statement) {
        return Effect::Unknown("it runs a prepared statement");
    }
    match statement {
        Stmt::Do(_) => Effect::Unknown("it runs a block of code"),
        Stmt::Call(_) => Effect::Unknown("it runs a procedure"),
        Stmt::DropDatabase(_) => Effect::Unknown("it drops a database with all that is in it"),
        Stmt::Update(it) => Effect::Rows(match changes_inside(statement) {
            true => None,
            false => overwrites::of(it),
        }),
        Stmt::Delete(_) | Stmt::Merge(_) => Effect::Rows(None),
        Stmt::Copy(it) => copied(it, changes_inside(statement)),
        Stmt::AlterTable(it) => altered(it),
        Stmt::AlterType(it) => altered_type(it),
        Stmt::Truncate(_) => Effect::Takes(Takes {
            truncates: true,
            ..Takes::default()
        }),
        _ if known::drops_with_dependents(statement) => Effect::Takes(Takes::default()),
        _ if !known::keeps_data(statement) => {
            Effect::Unknown("it is not one of the statements that are known to keep data")
        }
        _ if !writes_code(statement) && changes_inside(statement) => Effect::Rows(None),
        _ => Effect::Keeps,
    }
}

/// Is it EXECUTE, or has one inside, as EXPLAIN ANALYZE and CREATE TABLE AS may?
fn executes_prepared(statement: &Stmt) -> bool {
    let whole = statement.syntax();
    !writes_code(statement)
        && whole
            .descendants()
            .any(|it| it.kind() == SyntaxKind::EXECUTE)
}

/// Is a statement inside it only written down?
fn writes_code(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::CreateFunction(_) | Stmt::CreateProcedure(_) | Stmt::CreateRule(_) | Stmt::Prepare(_)
    )
}

/// Does it change rows that were there, somewhere inside: `ON CONFLICT DO UPDATE`, `WITH x AS (DELETE …)`?
fn changes_inside(statement: &Stmt) -> bool {
    let whole = statement.syntax();
    let mut inside = whole.descendants().filter(|it| it != whole);
    inside.any(|it| {
        matches!(
            it.kind(),
            SyntaxKind::DELETE
                | SyntaxKind::UPDATE
                | SyntaxKind::MERGE
                | SyntaxKind::CONFLICT_DO_UPDATE_SET
        )
    })
}

fn copied(copy: &Copy, changes_rows: bool) -> Effect {
    match copy.copy_direction() {
        Some(CopyDirection::CopyFrom(it)) => match it.copy_source() {
            Some(CopySource::CopyProgram(_)) => Effect::Unknown("it runs a program on the server"),
            _ => Effect::Keeps,
        },
        Some(CopyDirection::CopyTo(_)) if changes_rows => {
            Effect::Unknown("it changes rows and writes a file of the server")
        }
        _ => Effect::Unknown("it writes a file of the server, or runs a program there"),
    }
}

/// The actions that keep all values; any other is tried.
fn altered(alter: &AlterTable) -> Effect {
    let relation = alter
        .table_relation_name()
        .and_then(|it| it.table_name_ref());
    let table = source(relation);
    let (mut takes, mut keeps) = (Takes::default(), true);
    for action in alter.actions() {
        match action {
            AlterTableAction::AlterColumn(it) => {
                let Some(AlterColumnOption::SetType(set)) = it.option() else {
                    continue;
                };
                keeps = false;
                let column = source(it.column_name_ref());
                if let (Some(table), Some(column), Some(to)) =
                    (table.clone(), column, source(set.ty()))
                {
                    takes.types.push(NewType {
                        table,
                        column,
                        to,
                        using: set.using_expr().and_then(|it| source(it.expr())),
                    });
                }
            }
            AlterTableAction::DropColumn(it) => {
                keeps = false;
                takes
                    .columns
                    .extend(table.clone().zip(source(it.column_name_ref())));
            }
            AlterTableAction::AddColumn(_)
            | AlterTableAction::AddConstraint(_)
            | AlterTableAction::AlterConstraint(_)
            | AlterTableAction::AttachPartition(_)
            | AlterTableAction::ClusterOn(_)
            | AlterTableAction::DetachPartition(_)
            | AlterTableAction::DisableRls(_)
            | AlterTableAction::DisableRule(_)
            | AlterTableAction::DisableTrigger(_)
            | AlterTableAction::EnableAlwaysRule(_)
            | AlterTableAction::EnableAlwaysTrigger(_)
            | AlterTableAction::EnableReplicaRule(_)
            | AlterTableAction::EnableReplicaTrigger(_)
            | AlterTableAction::EnableRls(_)
            | AlterTableAction::EnableRule(_)
            | AlterTableAction::EnableTrigger(_)
            | AlterTableAction::ForceRls(_)
            | AlterTableAction::InheritTable(_)
            | AlterTableAction::NoForceRls(_)
            | AlterTableAction::NoInheritTable(_)
            | AlterTableAction::NotOf(_)
            | AlterTableAction::OfType(_)
            | AlterTableAction::OwnerTo(_)
            | AlterTableAction::RenameColumn(_)
            | AlterTableAction::RenameConstraint(_)
            | AlterTableAction::ReplicaIdentity(_)
            | AlterTableAction::ResetOptions(_)
            | AlterTableAction::SetAccessMethod(_)
            | AlterTableAction::SetLogged(_)
            | AlterTableAction::SetOptions(_)
            | AlterTableAction::SetSchema(_)
            | AlterTableAction::SetTablespace(_)
            | AlterTableAction::SetUnlogged(_)
            | AlterTableAction::SetWithoutCluster(_)
            | AlterTableAction::TableRenameTo(_)
            | AlterTableAction::ValidateConstraint(_) => {}
            _ => keeps = false,
        }
    }
    match keeps {
        true => Effect::Keeps,
        false => Effect::Takes(takes),
    }
}

fn altered_type(alter: &AlterType) -> Effect {
    match alter.action() {
        Some(
            AlterTypeAction::AddValue(_)
            | AlterTypeAction::OwnerTo(_)
            | AlterTypeAction::RenameAttribute(_)
            | AlterTypeAction::RenameValue(_)
            | AlterTypeAction::SetOptions(_)
            | AlterTypeAction::SetSchema(_)
            | AlterTypeAction::TypeRenameTo(_),
        ) => Effect::Keeps,
        _ => Effect::Takes(Takes::default()),
    }
}

#[cfg(test)]
mod tests;
