//! A primary key from an index whose columns may be NULL (rule 26).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{
    AlterColumnOption, AlterTableAction, AstNode, Constraint, NameLike, PrimaryKeyConstraint,
};

pub(super) static RULE: Rule = Rule {
    name: "primary-key-on-nullable",
    numbers: &[26],
    level: Level::Warning,
    scales: true,
    title: "PRIMARY KEY USING INDEX sets columns NOT NULL, which reads the table",
    lock: "ACCESS EXCLUSIVE on the table for the whole scan, when a column may be NULL.",
    why: "The index is there already, but its columns must be NOT NULL first: see `adding-not-nullable-field` for the \
          way without a scan. With a database URL the columns are looked up, and nothing is reported when they are.",
    bad: "ALTER TABLE app.orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_id;",
    good: "ALTER TABLE app.orders ADD CONSTRAINT orders_id_there CHECK (id IS NOT NULL) NOT VALID;\n\
           ALTER TABLE app.orders VALIDATE CONSTRAINT orders_id_there;\n\
           ALTER TABLE app.orders ALTER COLUMN id SET NOT NULL;\n\
           ALTER TABLE app.orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_id;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut required = Vec::new();
    for (_, table, action) in script.alters() {
        match &action {
            AlterTableAction::AlterColumn(alter) => {
                if let Some(AlterColumnOption::SetNotNull(_)) = alter.option() {
                    required.push((table, alter.column_name_ref().map(|it| it.text())));
                }
            }
            AlterTableAction::AddConstraint(add) => {
                let Some(Constraint::PrimaryKeyConstraint(key)) = add.constraint() else {
                    continue;
                };
                let Some(index) = index_of(&key) else {
                    continue;
                };
                let here: Vec<_> = required.iter().filter(|(it, _)| it.is(&table)).collect();
                let relation = script.relation(&table);
                let live = relation.and_then(|it| it.indexes.iter().find(|it| it.name == index));
                let nullable = match (relation, live) {
                    (Some(relation), Some(index)) => {
                        let nullable = |name: &&String| {
                            let column = relation.column(name);
                            let set = here.iter().any(|(_, it)| it.as_ref() == Some(*name));
                            column.is_some_and(|it| !it.not_null) && !set
                        };
                        index.columns.iter().find(nullable).cloned()
                    }
                    _ if here.is_empty() => Some(String::from("a column")),
                    _ => None,
                };
                if let Some(column) = nullable {
                    let message = format!(
                        "Where {column} may be NULL, the whole table is read under the lock."
                    );
                    findings.push(
                        script
                            .at(&RULE, action.syntax(), &message)
                            .help("SET NOT NULL first, by way of a validated CHECK."),
                    );
                }
            }
            _ => {}
        }
    }
}

fn index_of(key: &PrimaryKeyConstraint) -> Option<String> {
    let index = key.using_index()?.index_ref()?.path_ref()?;
    Some(index.segment()?.text())
}
