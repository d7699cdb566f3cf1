//! An index that is dropped before its successor is built (rule 5).

use crate::lint::name::{Name, Names};
use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "index-recreated",
    numbers: &[5],
    level: Level::Warning,
    scales: true,
    title: "Between the drop and the new index there is none",
    why: "Queries that live on it read the whole table until the build ends. Build the new one under another name, \
          drop the old one, then rename.",
    bad: "DROP INDEX CONCURRENTLY app.orders_customer;\n\
          CREATE INDEX CONCURRENTLY orders_customer ON app.orders (customer_id, placed_at);",
    good: "CREATE INDEX CONCURRENTLY orders_customer_new ON app.orders (customer_id, placed_at);\n\
           DROP INDEX CONCURRENTLY app.orders_customer;\n\
           ALTER INDEX app.orders_customer_new RENAME TO orders_customer;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut dropped = Names::default();
    for it in &script.statements {
        match &it.stmt {
            Stmt::DropIndex(drop) => {
                let names = drop
                    .index_refs()
                    .filter_map(|it| Name::of_ref(&it.path_ref()?));
                dropped.extend(names);
            }
            Stmt::CreateIndex(create) => {
                let name = create.index().and_then(|it| Name::of_new(&it.path()?));
                let Some(name) = name.filter(|name| dropped.has(name)) else {
                    continue;
                };
                let message = format!(
                    "The index {name} was dropped above: until this build ends, there is none."
                );
                findings.push(
                    script
                        .at(&RULE, create.syntax(), &message)
                        .help("Build under another name first, then drop the old one and rename."),
                );
            }
            _ => {}
        }
    }
}
