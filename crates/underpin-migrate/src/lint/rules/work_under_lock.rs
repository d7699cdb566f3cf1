//! Slow work after a strong lock (rule 53).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::{Script, altered, range};
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "work-under-lock",
    numbers: &[53],
    level: Level::Warning,
    title: "Slow work goes on while a table is locked",
    lock: "The lock of the ALTER TABLE, held to the end of the transaction.",
    why: "A transaction holds its locks to its end. What reads or writes many rows belongs before the ALTER TABLE, or \
          into another transaction.",
    bad: "BEGIN;\n\
          ALTER TABLE app.orders ADD COLUMN channel text;\n\
          INSERT INTO app.order_archive SELECT * FROM app.old_orders;\n\
          COMMIT;",
    good: "BEGIN;\n\
           INSERT INTO app.order_archive SELECT * FROM app.old_orders;\n\
           ALTER TABLE app.orders ADD COLUMN channel text;\n\
           COMMIT;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut locked = None;
    for it in script.statements.iter() {
        if !it.in_transaction {
            locked = None;
            continue;
        }
        match &it.stmt {
            Stmt::AlterTable(alter) => {
                locked = altered(alter)
                    .filter(|it| !script.is_new(it, range(alter.syntax()).0))
                    .or(locked);
            }
            Stmt::Insert(_)
            | Stmt::Update(_)
            | Stmt::Delete(_)
            | Stmt::Merge(_)
            | Stmt::CreateTableAs(_)
            | Stmt::CreateMaterializedView(_)
            | Stmt::Refresh(_)
            | Stmt::CreateIndex(_) => {
                if let Some(table) = &locked {
                    let message =
                        format!("This runs while {table} is locked by the ALTER TABLE above.");
                    findings.push(
                        script
                            .at(&RULE, it.stmt.syntax(), &message)
                            .help("Do it before the ALTER TABLE, or in another transaction."),
                    );
                }
            }
            _ => {}
        }
    }
}
