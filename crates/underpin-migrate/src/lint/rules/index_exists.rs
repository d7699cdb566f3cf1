//! Indexes that exist but do not work (rule 6).

use crate::lint::finding::Edit;
use crate::lint::rule::{Check, Needs, Rule};
use crate::lint::script::{Script, range};
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, CreateIndex, Stmt};

pub(super) static IF_NOT_EXISTS: Rule = Rule {
    name: "index-if-not-exists",
    numbers: &[6],
    level: Level::Warning,
    title: "IF NOT EXISTS takes a broken index for a good one",
    why: "A concurrent build that failed leaves an INVALID index: it costs every write and serves no query, and a \
          second run with IF NOT EXISTS skips it silently. Underpin knows from its ledger whether the statement is \
          done, and replaces what an interrupted build has left.",
    bad: "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer ON app.orders (customer_id);",
    good: "CREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id);",
    check: Check::Ours(if_not_exists),
    ..Rule::USUAL
};

pub(super) static INVALID: Rule = Rule {
    name: "invalid-index",
    numbers: &[6],
    level: Level::Error,
    needs: Needs::Database,
    title: "The table has an INVALID index",
    why: "It costs every write and serves no query. Drop it, or build it again, before anything is built on it.",
    bad: "-- while app.orders has an index that a failed build left behind\n\
          CREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id);",
    good: "-- in a migration before this one\nDROP INDEX CONCURRENTLY IF EXISTS app.orders_customer;",
    check: Check::Ours(invalid),
    ..Rule::USUAL
};

fn if_not_exists(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for create in creates(script).filter(|it| it.concurrently_token().is_some()) {
        let Some(clause) = create.if_not_exists() else {
            continue;
        };
        let (start, end) = range(clause.syntax());
        // The space after the words goes with them.
        let end = end + script.text[end..].len() - script.text[end..].trim_start().len();
        findings.push(
            script
                .at(
                    &IF_NOT_EXISTS,
                    clause.syntax(),
                    "An INVALID index of that name would be kept.",
                )
                .exactly(
                    "Remove `IF NOT EXISTS`",
                    vec![Edit::replace((start, end), "")],
                ),
        );
    }
}

fn invalid(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for create in creates(script) {
        let mut finding = script.at(&INVALID, create.syntax(), "");
        let relation = finding.table.as_ref().and_then(|it| script.relation(it));
        let Some(index) = relation.and_then(|it| it.indexes.iter().find(|index| !index.valid))
        else {
            continue;
        };
        finding.message = format!("The table has the INVALID index {}.", index.name);
        let help = format!(
            "DROP INDEX CONCURRENTLY {}; or REINDEX INDEX CONCURRENTLY it.",
            index.name
        );
        findings.push(finding.help(help));
    }
}

fn creates<'a>(script: &'a Script<'_>) -> impl Iterator<Item = &'a CreateIndex> {
    script.statements.iter().filter_map(|it| match &it.stmt {
        Stmt::CreateIndex(create) => Some(create),
        _ => None,
    })
}
