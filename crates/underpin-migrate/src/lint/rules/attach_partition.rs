//! ATTACH PARTITION (rule 37).

use crate::lint::name::Name;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::{Script, range};
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AddConstraint, AlterTableAction, AstNode, Constraint};

pub(super) static RULE: Rule = Rule {
    name: "attach-partition-without-check",
    numbers: &[37],
    level: Level::Warning,
    scales: true,
    title: "ATTACH PARTITION reads the new partition to see whether its rows fit",
    lock: "ACCESS EXCLUSIVE on the partition for the scan, SHARE UPDATE EXCLUSIVE on the parent.",
    why: "A valid CHECK constraint with the partition's bounds makes the scan unnecessary: add it NOT VALID, validate \
          it, attach, drop it. For a DEFAULT partition it excludes the bounds of all others. With a database URL \
          constraints that exist already are seen.",
    bad: "ALTER TABLE app.events ATTACH PARTITION app.events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    good: "ALTER TABLE app.events_2024 ADD CONSTRAINT bounds CHECK (at IS NOT NULL AND at >= '2024-01-01' AND at < '2025-01-01') NOT VALID;\n\
           ALTER TABLE app.events_2024 VALIDATE CONSTRAINT bounds;\n\
           ALTER TABLE app.events ATTACH PARTITION app.events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut checked: Vec<Name> = Vec::new();
    for (_, table, action) in script.alters() {
        match &action {
            AlterTableAction::ValidateConstraint(_) => checked.push(table),
            AlterTableAction::AddConstraint(add) if is_valid_check(add) => checked.push(table),
            AlterTableAction::AttachPartition(attach) => {
                let partition = attach
                    .table_name_ref()
                    .and_then(|it| Name::of_ref(&it.path_ref()?));
                let Some(partition) = partition else { continue };
                let here = checked.iter().any(|it| it.is(&partition));
                let key = script.relation(&table).map(|it| &it.partition_key[..]);
                let there = script
                    .relation(&partition)
                    .is_some_and(|it| it.has_check_on(key.unwrap_or_default()));
                let at = range(action.syntax()).0;
                if here || there || script.is_new(&partition, at) {
                    continue;
                }
                let message = format!("All of {partition} is read to see whether its rows fit.");
                let mut finding = script
                    .at(&RULE, action.syntax(), &message)
                    .help("Give the partition a validated CHECK with its bounds first.");
                finding.table = Some(partition);
                findings.push(finding);
            }
            _ => {}
        }
    }
}

fn is_valid_check(add: &AddConstraint) -> bool {
    let constraint = add.constraint();
    let check = constraint.filter(|it| matches!(it, Constraint::CheckConstraint(_)));
    check.is_some_and(|it| !it.is_not_valid())
}
