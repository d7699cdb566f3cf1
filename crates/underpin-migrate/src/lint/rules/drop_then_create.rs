//! A table that is dropped and created anew (rule 32).

use crate::lint::name::{Name, Names};
use crate::lint::rule::{Check, Rule};
use crate::lint::script::{Script, created};
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "drop-then-create",
    numbers: &[32],
    level: Level::Error,
    title: "Dropped and created anew, a table loses its rows silently",
    lock: "ACCESS EXCLUSIVE on the table.",
    why: "What works on an empty test database empties the real one. Rights, indexes and foreign keys of other tables \
          are lost, too. Change the table instead.",
    bad: "DROP TABLE IF EXISTS app.orders;\nCREATE TABLE app.orders (id bigint PRIMARY KEY);",
    good: "CREATE TABLE app.orders_new (id bigint PRIMARY KEY);",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut dropped = Names::default();
    for it in &script.statements {
        match &it.stmt {
            Stmt::DropTable(drop) => {
                let names = drop
                    .table_name_refs()
                    .filter_map(|it| Name::of_ref(&it.path_ref()?));
                dropped.extend(names);
            }
            Stmt::CreateTable(create) => {
                let name = created(create).filter(|name| dropped.has(name));
                if let Some(name) = name {
                    let message = format!("{name} was dropped above: its rows are lost.");
                    findings.push(
                        script.at(&RULE, create.syntax(), &message).help(
                            "Change the table with ALTER TABLE, or create another beside it.",
                        ),
                    );
                }
            }
            _ => {}
        }
    }
}
