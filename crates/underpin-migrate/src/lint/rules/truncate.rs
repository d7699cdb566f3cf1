//! TRUNCATE (rule 30).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "ban-truncate",
    numbers: &[30],
    level: Level::Error,
    title: "TRUNCATE empties a table",
    lock: "ACCESS EXCLUSIVE on the table until the transaction ends.",
    why: "All rows are gone with the commit, and no row trigger sees it. Say in the file why that is right.",
    bad: "TRUNCATE app.orders;",
    good: "DELETE FROM app.orders WHERE placed_at < '2020-01-01';",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        let Stmt::Truncate(truncate) = &it.stmt else {
            continue;
        };
        let finding = script.at(&RULE, truncate.syntax(), "All rows of the table are lost.");
        if finding
            .table
            .as_ref()
            .is_none_or(|it| !script.is_new(it, finding.range.0))
        {
            findings.push(finding);
        }
    }
}
