//! VACUUM FULL and CLUSTER before PostgreSQL 19 (rule 38).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

/// From here on squawk's `prefer-repack` knows something better.
const REPACK_SINCE: u16 = 19;

pub(super) static RULE: Rule = Rule {
    name: "vacuum-full",
    numbers: &[38],
    level: Level::Error,
    scales: true,
    title: "VACUUM FULL and CLUSTER lock the table while they copy it",
    lock: "ACCESS EXCLUSIVE on the table for the whole copy.",
    why: "A plain VACUUM makes the space usable again and holds up nobody. To give it back to the system, use the \
          extension pg_repack, or REPACK (CONCURRENTLY) of PostgreSQL 19.",
    bad: "VACUUM FULL app.orders;",
    good: "VACUUM app.orders;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    if script.settings.pg_version().major >= REPACK_SINCE {
        return;
    }
    for it in &script.statements {
        let copies = match &it.stmt {
            Stmt::Cluster(_) => true,
            Stmt::Vacuum(vacuum) => vacuum.is_full(),
            _ => false,
        };
        if copies {
            let message = "The table is copied while nobody may read or write it.";
            findings.push(
                script
                    .at(&RULE, it.stmt.syntax(), message)
                    .help("VACUUM without FULL, or pg_repack."),
            );
        }
    }
}
