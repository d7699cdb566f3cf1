//! Changes that copy the table (rule 39).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AlterTableAction, AstNode};

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
    for (_, _, action) in script.alters() {
        let copies = matches!(
            action,
            AlterTableAction::SetLogged(_)
                | AlterTableAction::SetUnlogged(_)
                | AlterTableAction::SetTablespace(_)
                | AlterTableAction::SetAccessMethod(_)
        );
        if copies {
            let message = "The table is copied while nobody may read or write it.";
            findings.push(
                script
                    .at(&RULE, action.syntax(), message)
                    .help("Choose a window, or fill a new table and swap the names."),
            );
        }
    }
}
