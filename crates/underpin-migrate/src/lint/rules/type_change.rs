//! A type change that also rechecks constraints (rule 17).

use crate::lint::name::Name;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{
    AlterColumnOption, AlterTableAction, AstNode, Constraint, NameLike, NameRef,
};

pub(super) static RULE: Rule = Rule {
    name: "type-change-with-check",
    numbers: &[17],
    level: Level::Error,
    scales: true,
    title: "A type change rechecks the column's constraints on all rows",
    lock: "ACCESS EXCLUSIVE on the table for the whole check, even where the change itself is free.",
    why: "Drop the constraint, change the type, add the constraint again NOT VALID, and validate it. With a database \
          URL the constraints that exist already are seen, too.",
    bad: "ALTER TABLE app.orders ADD CONSTRAINT orders_note CHECK (note <> '') NOT VALID;\n\
          ALTER TABLE app.orders ALTER COLUMN note TYPE text;",
    good: "ALTER TABLE app.orders DROP CONSTRAINT orders_note;\n\
           ALTER TABLE app.orders ALTER COLUMN note TYPE text;\n\
           ALTER TABLE app.orders ADD CONSTRAINT orders_note CHECK (note <> '') NOT VALID;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut checks: Vec<(Name, String, Vec<String>)> = Vec::new();
    let mut dropped: Vec<String> = Vec::new();
    for (_, table, action) in script.alters() {
        match &action {
            AlterTableAction::AddConstraint(add) => {
                let Some(Constraint::CheckConstraint(check)) = add.constraint() else {
                    continue;
                };
                let name = check
                    .constraint_name_clause()
                    .and_then(|it| it.constraint_name());
                let names = check.syntax().descendants().filter_map(NameRef::cast);
                let columns = names.map(|it| it.text()).collect();
                checks.push((table, name.map(|it| it.text()).unwrap_or_default(), columns));
            }
            AlterTableAction::DropConstraint(drop) => {
                let path = drop.constraint_name_ref().and_then(|it| it.path_ref());
                let name = path.and_then(|it| it.segment()).map(|it| it.text());
                checks.retain(|(_, it, _)| name.as_ref() != Some(it));
                dropped.extend(name);
            }
            AlterTableAction::AlterColumn(alter) => {
                let (Some(AlterColumnOption::SetType(_)), Some(column)) =
                    (alter.option(), alter.column_name_ref().map(|it| it.text()))
                else {
                    continue;
                };
                let here = checks
                    .iter()
                    .find(|(it, _, columns)| it.is(&table) && columns.contains(&column));
                let there = script.relation(&table).and_then(|relation| {
                    let mut live = relation.checks.iter();
                    live.find(|it| it.columns.contains(&column) && !dropped.contains(&it.name))
                });
                let name = here.map(|(_, name, _)| name).or(there.map(|it| &it.name));
                if let Some(name) = name {
                    let message = format!(
                        "The constraint {name} of this column is checked again on every row."
                    );
                    findings.push(
                        script
                            .at(&RULE, action.syntax(), &message)
                            .help("Drop it before, add it again NOT VALID, then VALIDATE."),
                    );
                }
            }
            _ => {}
        }
    }
}
