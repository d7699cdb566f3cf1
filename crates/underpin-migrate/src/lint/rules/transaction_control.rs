//! BEGIN and COMMIT in a file (rule 51).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "transaction-control",
    numbers: &[51],
    level: Level::Warning,
    title: "Underpin runs no file with BEGIN, COMMIT or SAVEPOINT",
    why: "The parser decides which statements share a transaction and which run alone, and each transaction records \
          what it did in the ledger. A COMMIT of the file's own would part the two, so `migrate up` refuses the file.",
    bad: "BEGIN;\nCREATE TABLE app.orders (id bigint);\nCOMMIT;",
    good: "CREATE TABLE app.orders (id bigint);",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let controls = script.statements.iter().find(|it| {
        matches!(
            it.stmt,
            Stmt::Begin(_)
                | Stmt::Commit(_)
                | Stmt::Rollback(_)
                | Stmt::SavepointCreate(_)
                | Stmt::ReleaseSavepoint(_)
                | Stmt::PrepareTransaction(_)
        )
    });
    if let Some(it) = controls {
        let message = "Underpin makes the transactions itself and refuses a file that has its own.";
        findings.push(
            script
                .at(&RULE, it.stmt.syntax(), message)
                .help("Remove BEGIN, COMMIT and savepoints from the file."),
        );
    }
}
