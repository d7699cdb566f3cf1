//! Indexes over many columns (rule 9).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

/// Most columns of an index that usually helps.
const COLUMNS_MAX: usize = 3;

pub(super) static RULE: Rule = Rule {
    name: "wide-index",
    numbers: &[9],
    level: Level::Warning,
    title: "An index over more than three columns rarely helps",
    why: "Later columns narrow only what the first have left over, and all of them cost every write. Keep the columns \
          that select; those that are only read go into INCLUDE.",
    bad: "CREATE INDEX CONCURRENTLY orders_all ON app.orders (customer_id, state, channel, placed_at);",
    good: "CREATE INDEX CONCURRENTLY orders_all ON app.orders (customer_id, placed_at) INCLUDE (state, channel);",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        let Stmt::CreateIndex(create) = &it.stmt else {
            continue;
        };
        let columns = create
            .partition_item_list()
            .map(|it| it.partition_items().count());
        let columns = columns.unwrap_or_default();
        if columns > COLUMNS_MAX && create.unique_token().is_none() {
            let message =
                format!("The index has {columns} columns; those after the third rarely help.");
            findings.push(script.at(&RULE, create.syntax(), &message).help(
                "Keep the columns that select most; put those that are only read into INCLUDE.",
            ));
        }
    }
}
