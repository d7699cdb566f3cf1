//! SQL inside a string (rule 56).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

pub(in crate::lint) static UNCHECKED: Rule = Rule {
    name: "not-checked",
    numbers: &[56],
    level: Level::Warning,
    title: "What a DO block, CALL or EXECUTE runs is not looked at",
    why: "The SQL is text for PostgreSQL and may be put together only when it runs. Write plain statements, or check \
          the block by hand.",
    bad: "DO $$ BEGIN EXECUTE 'DROP TABLE app.orders'; END $$;",
    good: "CREATE TABLE app.orders (id bigint);",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        if matches!(it.stmt, Stmt::Do(_) | Stmt::Call(_) | Stmt::Execute(_)) {
            let message = "No rule looks into what this runs.";
            findings.push(script.at(&UNCHECKED, it.stmt.syntax(), message));
        }
    }
}
