//! Changes that copy the table (rule 39).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{
    AlterIndexAction, AlterMaterializedViewAction, AlterTableAction, AstNode, Stmt,
};

pub(super) static RULE: Rule = Rule {
    name: "table-rewrite",
    numbers: &[39],
    level: Level::Error,
    scales: true,
    title: "SET LOGGED, SET UNLOGGED, SET TABLESPACE and SET ACCESS METHOD copy the table",
    lock: "ACCESS EXCLUSIVE on the table for the whole copy.",
    why: "There is no form that lets others go on: choose a window, or fill a new table. An unlogged table is empty \
          after a crash, and always on replicas.",
    bad: "ALTER TABLE app.orders SET UNLOGGED;",
    good: "CREATE UNLOGGED TABLE app.orders_scratch (id bigint);",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        let copied = match &it.stmt {
            Stmt::AlterTable(it) => it.all_in_tablespace().is_some(),
            Stmt::AlterIndex(it) => {
                let sets = matches!(it.action(), Some(AlterIndexAction::SetTablespace(_)));
                sets || it.all_in_tablespace().is_some()
            }
            Stmt::AlterMaterializedView(it) => {
                let mut actions = it.action();
                let sets = actions.any(|it| match it {
                    AlterMaterializedViewAction::AlterTableAction(it) => copies(&it),
                    _ => false,
                });
                sets || it.all_in_tablespace().is_some()
            }
            _ => false,
        };
        if copied {
            let message = "All of it is copied while nobody may use it.";
            let help = "Choose a window.";
            findings.push(script.at(&RULE, it.stmt.syntax(), message).help(help));
        }
    }
    for (_, _, action) in script.alters() {
        if copies(&action) {
            let message = "The table is copied while nobody may read or write it.";
            findings.push(
                script
                    .at(&RULE, action.syntax(), message)
                    .help("Choose a window, or fill a new table and swap the names."),
            );
        }
    }
}

fn copies(action: &AlterTableAction) -> bool {
    matches!(
        action,
        AlterTableAction::SetLogged(_)
            | AlterTableAction::SetUnlogged(_)
            | AlterTableAction::SetTablespace(_)
            | AlterTableAction::SetAccessMethod(_)
    )
}
