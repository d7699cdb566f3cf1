//! A new column that numbers the rows (rule 14).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AddColumn, AlterTableAction, AstNode, Constraint, GeneratedAs, Type};

pub(super) static RULE: Rule = Rule {
    name: "adding-self-numbering-column",
    numbers: &[14],
    level: Level::Error,
    scales: true,
    title: "A new serial or identity column rewrites the table",
    lock: "ACCESS EXCLUSIVE on the table while every row gets its number.",
    why: "Add a plain column, number new rows by a default, old ones in batches, and make it an identity at the end.",
    bad: "ALTER TABLE app.orders ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY;",
    good: "ALTER TABLE app.orders ADD COLUMN position bigint;\n\
           CREATE SEQUENCE app.orders_position OWNED BY app.orders.position;\n\
           ALTER TABLE app.orders ALTER COLUMN position SET DEFAULT nextval('app.orders_position');",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for (_, _, action) in script.alters() {
        let AlterTableAction::AddColumn(add) = action else {
            continue;
        };
        if is_identity(&add) || is_serial(&add) {
            let message =
                "Every existing row gets a number: the table is rewritten while nobody may use it.";
            findings.push(
                script.at(&RULE, add.syntax(), message).help(
                    "Add a plain column, SET DEFAULT nextval(…), and fill old rows in batches.",
                ),
            );
        }
    }
}

fn is_identity(add: &AddColumn) -> bool {
    add.constraints().any(|it| {
        let Constraint::GeneratedConstraint(it) = it else {
            return false;
        };
        matches!(it.generated_as(), Some(GeneratedAs::GeneratedIdentity(_)))
    })
}

fn is_serial(add: &AddColumn) -> bool {
    let Some(Type::PathType(it)) = add.ty() else {
        return false;
    };
    let name = it
        .path_ref()
        .and_then(|it| it.segment())
        .map(|it| it.text());
    let serials = [
        "serial",
        "serial2",
        "serial4",
        "serial8",
        "smallserial",
        "bigserial",
    ];
    name.is_some_and(|name| serials.contains(&name.as_str()))
}
