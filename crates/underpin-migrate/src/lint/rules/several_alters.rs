//! Several ALTER TABLE on one table (rule 53).

use crate::lint::Finding;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::{Script, altered};
use squawk_syntax::ast::{AlterTable, AlterTableAction, AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "several-alters",
    numbers: &[53],
    title: "Two ALTER TABLE lock, and may read or rewrite, the table twice",
    lock: "ACCESS EXCLUSIVE on the table, taken twice.",
    why: "One ALTER TABLE with several actions waits for the lock once and goes through the rows once.",
    bad: "ALTER TABLE app.orders ADD COLUMN channel text;\nALTER TABLE app.orders ADD COLUMN note text;",
    good: "ALTER TABLE app.orders ADD COLUMN channel text, ADD COLUMN note text;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for pair in script.statements.windows(2) {
        let (Stmt::AlterTable(first), Stmt::AlterTable(second)) = (&pair[0].stmt, &pair[1].stmt)
        else {
            continue;
        };
        let same = altered(first)
            .zip(altered(second))
            .is_some_and(|(one, other)| one == other);
        if same && is_joinable(first) && is_joinable(second) {
            let message =
                "This table is altered by the statement before, too: one statement could do both.";
            findings.push(script.at(&RULE, second.syntax(), message));
        }
    }
}

/// Renames stand alone by grammar; NOT VALID and VALIDATE must be apart.
fn is_joinable(alter: &AlterTable) -> bool {
    alter.actions().all(|action| match action {
        AlterTableAction::AddConstraint(it) => it.constraint().is_none_or(|it| !it.is_not_valid()),
        AlterTableAction::ValidateConstraint(_)
        | AlterTableAction::RenameColumn(_)
        | AlterTableAction::RenameConstraint(_)
        | AlterTableAction::TableRenameTo(_)
        | AlterTableAction::SetSchema(_)
        | AlterTableAction::AttachPartition(_)
        | AlterTableAction::DetachPartition(_) => false,
        _ => true,
    })
}
