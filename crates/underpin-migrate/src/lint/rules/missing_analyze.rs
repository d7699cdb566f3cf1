//! Changes after which the planner knows nothing (rule 10).

use crate::lint::finding::Edit;
use crate::lint::name::Name;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AlterColumnOption, AlterTableAction, AstNode, CreateIndex, Expr, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "missing-analyze",
    numbers: &[10],
    level: Level::Warning,
    scales: true,
    title: "After an expression index or a type change the planner has no statistics",
    lock: "ANALYZE takes SHARE UPDATE EXCLUSIVE: reads and writes go on.",
    why: "Statistics of a changed column are thrown away, and those of an expression do not exist before ANALYZE. \
          Until autovacuum comes by, plans are guesses.",
    bad: "CREATE INDEX CONCURRENTLY orders_number ON app.orders (lower(number));",
    good: "CREATE INDEX CONCURRENTLY orders_number ON app.orders (lower(number));\nANALYZE app.orders;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        let what = match &it.stmt {
            Stmt::CreateIndex(create) if has_expression(create) => {
                "The expressions of this index have"
            }
            Stmt::AlterTable(alter) if alter.actions().any(|it| is_type_change(&it)) => {
                "The changed column has"
            }
            _ => continue,
        };
        let message = format!("{what} no statistics before the next ANALYZE.");
        let finding = script.at(&RULE, it.stmt.syntax(), &message);
        let Some(table) = finding.table.clone() else {
            continue;
        };
        if is_analysed_after(script, it.range.1, &table) {
            continue;
        }
        // The end of the last statement: what was a comment there stays behind it.
        let end = script.statements.last().map_or(it.range.1, |it| it.range.1);
        let text = script.text[end..].trim_start();
        let edit = if text.starts_with(';') {
            let semicolon = script.text.len() - text.len() + 1;
            Edit::insert(semicolon, format!("\nANALYZE {table};"))
        } else {
            Edit::insert(end, format!(";\nANALYZE {table};"))
        };
        let help = format!("End the migration with ANALYZE {table};");
        findings.push(
            finding
                .help(help)
                .exactly(format!("Add `ANALYZE {table}`"), vec![edit]),
        );
    }
}

fn has_expression(create: &CreateIndex) -> bool {
    let Some(items) = create.partition_item_list() else {
        return false;
    };
    let mut expressions = items.partition_items().filter_map(|it| it.expr());
    expressions.any(|it| !is_column(&it))
}

/// PostgreSQL takes `(name)` and `name COLLATE "C"` for the column.
fn is_column(expr: &Expr) -> bool {
    match expr {
        Expr::NameRef(_) => true,
        Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_column(&it)),
        Expr::Collate(it) => it.expr().is_some_and(|it| is_column(&it)),
        _ => false,
    }
}

fn is_type_change(action: &AlterTableAction) -> bool {
    let AlterTableAction::AlterColumn(alter) = action else {
        return false;
    };
    matches!(alter.option(), Some(AlterColumnOption::SetType(_)))
}

fn is_analysed_after(script: &Script<'_>, offset: usize, table: &Name) -> bool {
    let after = script.statements.iter().filter(|it| it.range.0 >= offset);
    after.into_iter().any(|it| {
        let list = match &it.stmt {
            Stmt::Analyze(analyze) => analyze.table_and_columns_list(),
            Stmt::Vacuum(vacuum)
                if script
                    .source(vacuum.syntax())
                    .to_ascii_lowercase()
                    .contains("analyze") =>
            {
                vacuum.table_and_columns_list()
            }
            _ => return false,
        };
        // Without a list it is the whole database.
        list.is_none_or(|list| {
            let mut tables = list.table_and_columnss();
            tables.any(|it| {
                let path = it
                    .table_relation_name()
                    .and_then(|it| it.table_name_ref()?.path_ref());
                path.and_then(|it| Name::of_ref(&it))
                    .is_some_and(|it| it.is(table))
            })
        })
    })
}
