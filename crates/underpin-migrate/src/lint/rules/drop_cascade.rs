//! DROP … CASCADE (rule 30).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::SyntaxKind;
use squawk_syntax::ast::{AstNode, Cascade, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "drop-cascade",
    numbers: &[30],
    level: Level::Error,
    spares_new: true,
    title: "CASCADE drops what depends on it, too",
    lock: "ACCESS EXCLUSIVE on all of it.",
    why: "What that is is decided when it runs: views, foreign keys, columns of a type. Drop each by name, so that the \
          file says what is lost and fails where something was overlooked.",
    bad: "DROP VIEW app.open_orders CASCADE;",
    good: "DROP VIEW app.open_orders_by_day;\nDROP VIEW app.open_orders;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        // TRUNCATE … CASCADE has a rule of its own, REVOKE … CASCADE drops nothing.
        if matches!(it.stmt, Stmt::Truncate(_) | Stmt::Revoke(_)) {
            continue;
        }
        for node in it
            .stmt
            .syntax()
            .descendants()
            .filter(|it| Cascade::can_cast(it.kind()))
        {
            // ON DELETE CASCADE is an action, not a drop.
            let dropped = node.parent().is_none_or(|it| {
                !matches!(
                    it.kind(),
                    SyntaxKind::ON_DELETE_ACTION | SyntaxKind::ON_UPDATE_ACTION
                )
            });
            if dropped {
                let message = "Whatever depends on it when this runs is dropped as well.";
                findings.push(
                    script
                        .at(&RULE, &node, message)
                        .help("Drop what depends on it by name, then this without CASCADE."),
                );
            }
        }
    }
}
