//! Changes after which the planner knows nothing (rule 10).

use crate::lint::finding::Edit;
use crate::lint::name::Name;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{
    AlterColumnOption, AlterTableAction, AstNode, CreateIndex, Expr, Stmt, Vacuum,
};
use std::collections::HashMap;

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
    let analysed = Analysed::by(script);
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
        if analysed.is_after(it.range.1, &table) {
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

/// The last place at which all tables are analysed, and of each other ANALYZE its tables and place.
struct Analysed {
    all: Option<usize>,
    tables: HashMap<String, Vec<(Name, usize)>>,
}

impl Analysed {
    fn by(script: &Script<'_>) -> Self {
        let mut analysed = Self {
            all: None,
            tables: HashMap::new(),
        };
        for it in &script.statements {
            let list = match &it.stmt {
                Stmt::Analyze(analyze) => analyze.table_and_columns_list(),
                Stmt::Vacuum(vacuum) if analyses(script, vacuum) => vacuum.table_and_columns_list(),
                _ => continue,
            };
            // Without a list it is the whole database.
            let Some(list) = list else {
                analysed.all = Some(it.range.0);
                continue;
            };
            let tables = list.table_and_columnss().filter_map(|it| {
                let table = it.table_relation_name()?.table_name_ref()?;
                Name::of_ref(&table.path_ref()?)
            });
            for table in tables {
                let places = analysed.tables.entry(table.name.clone()).or_default();
                places.push((table, it.range.0));
            }
        }
        analysed
    }

    fn is_after(&self, offset: usize, table: &Name) -> bool {
        let mut places = self.tables.get(&table.name).into_iter().flatten();
        self.all.is_some_and(|at| at >= offset)
            || places.any(|(it, at)| *at >= offset && it.is(table))
    }
}

fn analyses(script: &Script<'_>, vacuum: &Vacuum) -> bool {
    let text = script.source(vacuum.syntax()).to_ascii_lowercase();
    text.contains("analyze")
}
