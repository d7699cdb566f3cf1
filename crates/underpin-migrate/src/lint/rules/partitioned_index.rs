//! An index on a partitioned table (rule 7).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "concurrent-index-on-partitioned",
    numbers: &[7],
    level: Level::Error,
    title: "CREATE INDEX CONCURRENTLY on a partitioned table fails",
    lock: "None: the server refuses. Without CONCURRENTLY: SHARE on all partitions for all builds.",
    why: "Make the index on the parent alone, where it takes a moment and is INVALID; build one on each partition \
          concurrently; attach them. With the last one the parent's becomes valid.",
    bad: "CREATE TABLE app.events (id bigint, at timestamptz) PARTITION BY RANGE (at);\n\
          CREATE INDEX CONCURRENTLY events_at ON app.events (at);",
    good: "CREATE INDEX events_at ON ONLY app.events (at);\n\
           CREATE INDEX CONCURRENTLY events_2024_at ON app.events_2024 (at);\n\
           ALTER INDEX app.events_at ATTACH PARTITION app.events_2024_at;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        let Stmt::CreateIndex(create) = &it.stmt else {
            continue;
        };
        if create.concurrently_token().is_none() {
            continue;
        }
        let message = "A partitioned table cannot get an index concurrently.";
        let finding = script.at(&RULE, create.syntax(), message);
        let table = finding.table.as_ref();
        if table.is_some_and(|it| script.is_partitioned(it)) {
            findings.push(finding.help(
                "CREATE INDEX … ON ONLY the parent, CONCURRENTLY on each partition, then ATTACH PARTITION.",
            ));
        }
    }
}
