//! What squawk overlooks of its own rules.

use super::{
    ADDING_FIELD_WITH_DEFAULT, ADDING_FOREIGN_KEY_CONSTRAINT, CONSTRAINT_MISSING_NOT_VALID,
    DISALLOWED_UNIQUE_CONSTRAINT, PREFER_REPACK, REQUIRE_CONCURRENT_INDEX_CREATION,
    REQUIRE_LOCK_TIMEOUT, REQUIRE_STATEMENT_TIMEOUT, REQUIRE_TIMEOUT_SETTINGS, finding, linter,
};
use crate::lint::Finding;
use crate::lint::adjust::{is_constant, operands};
use crate::lint::rule::Rule;
use crate::lint::script::{Script, Statement, created};
use squawk_syntax::SourceFile;
use squawk_syntax::ast::{AlterTableAction, AstNode, Constraint, Expr, Stmt};
use std::collections::HashSet;

/// The version that has REPACK (CONCURRENTLY).
const REPACK_SINCE: &str = "19";

/// The rules that squawk does not apply to tables of the same transaction.
static SPARING: [&Rule; 4] = [
    &REQUIRE_CONCURRENT_INDEX_CREATION,
    &ADDING_FOREIGN_KEY_CONSTRAINT,
    &CONSTRAINT_MISSING_NOT_VALID,
    &DISALLOWED_UNIQUE_CONSTRAINT,
];

pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let mut findings = namesakes(script);
    findings.extend(arrays(script));
    findings.extend(repack(script));
    findings
}

/// The name that stands for both timeouts is reported where one of them is.
pub(super) fn timeouts(script: &Script<'_>, found: &[Finding]) -> Option<Finding> {
    let both = [&REQUIRE_LOCK_TIMEOUT, &REQUIRE_STATEMENT_TIMEOUT];
    let missing = found.iter().find(|it| both.contains(&it.rule))?;
    let message = String::from("The file does not set both timeouts: the runner's own hold.");
    Some(script.finding(&REQUIRE_TIMEOUT_SETTINGS, missing.range, message))
}

/// Where nobody says which server it is, it may be one that can do better.
fn repack(script: &Script<'_>) -> Vec<Finding> {
    let copies = |it: &Statement| matches!(it.stmt, Stmt::Vacuum(_) | Stmt::Cluster(_));
    let known = script.settings.pg_version.is_some() || script.facts().is_some();
    if known || !script.statements.iter().any(copies) {
        return Vec::new();
    }
    let mut linter = linter(script, std::iter::once(&PREFER_REPACK), false);
    linter.settings.pg_version = REPACK_SINCE.parse().unwrap_or_default();
    let violations = linter.lint(&script.parse, script.text);
    let mut findings: Vec<_> = violations
        .into_iter()
        .filter_map(|it| finding(script, it, 0))
        .collect();
    for finding in &mut findings {
        finding.lower(format_args!(
            "From PostgreSQL {REPACK_SINCE} on there is a form that does not; say --pg-version."
        ));
        finding.fix = None;
    }
    findings
}

/// Squawk takes any table for new that has the name of a new one: in another schema, after it was dropped, before it is made.
fn namesakes(script: &Script<'_>) -> Vec<Finding> {
    let spared: HashSet<String> = script
        .statements
        .iter()
        .filter(|it| it.in_transaction)
        .filter_map(|it| match &it.stmt {
            Stmt::CreateTable(create) => Some(created(create)?.name),
            _ => None,
        })
        .collect();
    let mut findings = Vec::new();
    for it in &script.statements {
        let at = it.range.0;
        let Some(table) = script.table_at(at) else {
            continue;
        };
        let changes = matches!(it.stmt, Stmt::CreateIndex(_) | Stmt::AlterTable(_));
        if changes && spared.contains(&table.name) && !script.is_new(&table, at) {
            let text = &script.text[at..it.range.1];
            let mut alone = linter(script, SPARING.into_iter(), false);
            let violations = alone.lint(&SourceFile::parse(text), text);
            findings.extend(
                violations
                    .into_iter()
                    .filter_map(|it| finding(script, it, at)),
            );
        }
    }
    findings
}

/// Squawk takes every array for a constant.
fn arrays(script: &Script<'_>) -> Vec<Finding> {
    let volatile = |it: &Expr| {
        let nodes = it.syntax().descendants().filter_map(Expr::cast);
        let mut arrays = nodes.filter(|it| matches!(it, Expr::ArrayExpr(_)));
        arrays.any(|it| !operands(it.syntax()).iter().all(is_constant))
    };
    let mut findings = Vec::new();
    for (_, _, action) in script.alters() {
        let AlterTableAction::AddColumn(add) = &action else {
            continue;
        };
        let defaults = add.constraints().filter_map(|it| match it {
            Constraint::DefaultConstraint(it) => it.expr(),
            _ => None,
        });
        for expr in defaults.filter(volatile) {
            let message = "The default differs by row, so the table is written anew under an `ACCESS EXCLUSIVE` lock.";
            findings.push(
                script
                    .at(&ADDING_FIELD_WITH_DEFAULT, expr.syntax(), message)
                    .help("Add the column without it, SET DEFAULT, and fill old rows in batches."),
            );
        }
    }
    findings
}
