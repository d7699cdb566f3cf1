//! A foreign key of a partitioned table that is not to be checked at once (rule 22).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AlterTableAction, AstNode, Constraint};

/// Since this version a foreign key of a partitioned table may be NOT VALID.
const SINCE: u16 = 18;

pub(super) static RULE: Rule = Rule {
    name: "not-valid-key-on-partitioned",
    numbers: &[22],
    level: Level::Error,
    title: "Before PostgreSQL 18 a partitioned table takes no foreign key that is NOT VALID",
    lock: "None: the server refuses with error 42809.",
    why: "Give each partition the key, NOT VALID, and validate it there, which lets others write. The key of the partitioned \
          table then takes those of the partitions for its own and reads no row. With a database URL tables that are \
          partitioned already are seen.",
    bad: "CREATE TABLE app.events (id bigint, at date, user_id bigint) PARTITION BY RANGE (at);\n\
          ALTER TABLE app.events ADD CONSTRAINT events_user FOREIGN KEY (user_id) REFERENCES app.users (id) NOT VALID;",
    good: "ALTER TABLE app.events_2024 ADD CONSTRAINT events_user FOREIGN KEY (user_id) REFERENCES app.users (id) NOT VALID;\n\
           ALTER TABLE app.events_2024 VALIDATE CONSTRAINT events_user;\n\
           ALTER TABLE app.events ADD CONSTRAINT events_user FOREIGN KEY (user_id) REFERENCES app.users (id);",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    if script.settings.pg_version().major >= SINCE {
        return;
    }
    for (_, table, action) in script.alters() {
        let AlterTableAction::AddConstraint(add) = &action else {
            continue;
        };
        let constraint = add.constraint();
        let is_unchecked_key = constraint.is_some_and(|it| {
            matches!(it, Constraint::ForeignKeyConstraint(_)) && it.is_not_valid()
        });
        if is_unchecked_key && script.is_partitioned(&table) {
            let message = format!("{table} is partitioned: this fails before PostgreSQL {SINCE}.");
            findings.push(script.at(&RULE, add.syntax(), &message).help(
                "Add it NOT VALID to each partition, validate it there, then add it to the partitioned table.",
            ));
        }
    }
}
