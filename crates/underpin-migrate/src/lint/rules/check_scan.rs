//! CHECK constraints whose rows are read under the lock all the same (rules 23 and 24).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{
    AddColumn, AlterTable, AlterTableAction, AstNode, Constraint, NameLike, Stmt,
};

pub(super) static WITH_COLUMN: Rule = Rule {
    name: "adding-column-with-check",
    numbers: &[23],
    level: Level::Error,
    scales: true,
    title: "A new column's CHECK is checked against all rows, though all of them have the same value",
    lock: "ACCESS EXCLUSIVE on the table for the whole scan.",
    why: "PostgreSQL reads the table even where the column is NULL in every row. Add the column first, then the \
          constraint NOT VALID, and validate it.",
    bad: "ALTER TABLE app.orders ADD COLUMN rebate numeric CHECK (rebate >= 0);",
    good: "ALTER TABLE app.orders ADD COLUMN rebate numeric;\n\
           ALTER TABLE app.orders ADD CONSTRAINT orders_rebate CHECK (rebate >= 0) NOT VALID;\n\
           ALTER TABLE app.orders VALIDATE CONSTRAINT orders_rebate;",
    check: Check::Ours(with_column),
    ..Rule::USUAL
};

pub(super) static AT_ONCE: Rule = Rule {
    name: "validated-at-once",
    numbers: &[24],
    level: Level::Error,
    scales: true,
    title: "NOT VALID and VALIDATE in one statement are one transaction",
    lock: "The lock of ADD CONSTRAINT, held for the whole scan.",
    why: "The point of NOT VALID is that the strong lock is gone when the rows are read. Give VALIDATE a statement of its \
          own: Underpin's runner keeps the two in transactions of their own.",
    bad: "ALTER TABLE app.orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID, VALIDATE CONSTRAINT orders_total;",
    good: "ALTER TABLE app.orders ADD CONSTRAINT orders_total CHECK (total >= 0) NOT VALID;\n\
           ALTER TABLE app.orders VALIDATE CONSTRAINT orders_total;",
    check: Check::Ours(at_once),
    ..Rule::USUAL
};

fn with_column(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for (_, _, action) in script.alters() {
        let AlterTableAction::AddColumn(add) = &action else {
            continue;
        };
        for check in checks(add) {
            let message =
                "All rows are read to check the new column, while nobody may use the table.";
            findings.push(
                script.at(&WITH_COLUMN, check.syntax(), message).help(
                    "Add the column without it, then the constraint NOT VALID, then VALIDATE.",
                ),
            );
        }
    }
}

fn checks(add: &AddColumn) -> impl Iterator<Item = Constraint> {
    let constraints = add.constraints();
    constraints.filter(|it| matches!(it, Constraint::CheckConstraint(_)))
}

fn at_once(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        // Inside BEGIN and COMMIT squawk sees it.
        let Stmt::AlterTable(alter) = &it.stmt else {
            continue;
        };
        if it.in_transaction {
            continue;
        }
        let added = unvalidated(alter);
        for action in alter.actions() {
            let AlterTableAction::ValidateConstraint(validate) = &action else {
                continue;
            };
            let name = validate
                .constraint_name_ref()
                .and_then(|it| it.path_ref()?.segment());
            if name.is_some_and(|it| added.contains(&it.text())) {
                let message = "The constraint was added by the same statement, whose lock is held while the rows are read.";
                findings.push(
                    script
                        .at(&AT_ONCE, action.syntax(), message)
                        .help("Give VALIDATE CONSTRAINT a statement of its own."),
                );
            }
        }
    }
}

/// The names of the constraints that it adds NOT VALID.
fn unvalidated(alter: &AlterTable) -> Vec<String> {
    let constraints = alter.actions().filter_map(|it| match it {
        AlterTableAction::AddConstraint(add) => add.constraint(),
        _ => None,
    });
    let added = constraints.filter(|it| it.is_not_valid());
    added
        .filter_map(|it| Some(it.constraint_name()?.text()))
        .collect()
}
