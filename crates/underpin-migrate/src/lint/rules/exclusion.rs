//! Exclusion constraints (rule 27).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AlterTableAction, AstNode, Constraint};

pub(super) static RULE: Rule = Rule {
    name: "adding-exclusion-constraint",
    numbers: &[27],
    level: Level::Error,
    scales: true,
    title: "An exclusion constraint builds its index while nobody may use the table",
    lock: "ACCESS EXCLUSIVE on the table for the build and the check.",
    why: "There is no NOT VALID and no USING INDEX form. Give it to a new table that takes over, or choose a window.",
    bad: "ALTER TABLE app.bookings ADD CONSTRAINT bookings_apart EXCLUDE USING gist (during WITH &&);",
    good: "CREATE TABLE app.bookings_new (during tstzrange, EXCLUDE USING gist (during WITH &&));",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for (_, _, action) in script.alters() {
        let AlterTableAction::AddConstraint(add) = &action else {
            continue;
        };
        if let Some(Constraint::ExcludeConstraint(it)) = add.constraint() {
            let message = "The constraint's index is built while nobody may use the table.";
            findings.push(
                script
                    .at(&RULE, it.syntax(), message)
                    .help("Fill a new table that has the constraint, or choose a window."),
            );
        }
    }
}
