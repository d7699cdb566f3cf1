//! ATTACH PARTITION (rule 37).

use crate::lint::name::Name;
use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AlterTableAction, AstNode, PartitionType};

pub(super) static RULE: Rule = Rule {
    name: "attach-partition-without-check",
    numbers: &[37],
    level: Level::Warning,
    scales: true,
    title: "ATTACH PARTITION reads the new partition to see whether its rows fit",
    lock: "ACCESS EXCLUSIVE on the partition for the scan, SHARE UPDATE EXCLUSIVE on the parent.",
    why: "A valid CHECK constraint with the partition's bounds makes the scan unnecessary: add it NOT VALID, validate \
          it, attach, drop it. With a database URL constraints that exist already are seen.",
    bad: "ALTER TABLE app.events ATTACH PARTITION app.events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    good: "ALTER TABLE app.events_2024 ADD CONSTRAINT bounds CHECK (at IS NOT NULL AND at >= '2024-01-01' AND at < '2025-01-01') NOT VALID;\n\
           ALTER TABLE app.events_2024 VALIDATE CONSTRAINT bounds;\n\
           ALTER TABLE app.events ATTACH PARTITION app.events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let mut validated: Vec<Name> = Vec::new();
    for (_, table, action) in script.alters() {
        match &action {
            AlterTableAction::ValidateConstraint(_) => validated.push(table),
            AlterTableAction::AttachPartition(attach) => {
                let partition = attach
                    .table_name_ref()
                    .and_then(|it| Name::of_ref(&it.path_ref()?));
                let Some(partition) = partition else { continue };
                let here = validated.iter().any(|it| it.is(&partition));
                let there = script
                    .relation(&partition)
                    .is_some_and(|it| !it.checks.is_empty());
                let default = matches!(
                    attach.partition_type(),
                    Some(PartitionType::PartitionDefault(_))
                );
                if here || there || default || script.is_new(&partition) {
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
