//! GRANT (rule 46).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AlterDefaultPrivilegesAction, AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "grant",
    numbers: &[46],
    title: "A granted right may show what was not meant to be seen",
    why: "To PUBLIC it holds for every role, also those of tomorrow. A second person should look at it.",
    bad: "GRANT SELECT ON app.orders TO PUBLIC;",
    good: "CREATE ROLE reporting;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        let roles = match &it.stmt {
            Stmt::Grant(grant) => grant.role_ref_list(),
            Stmt::AlterDefaultPrivileges(alter) => match alter.action() {
                Some(AlterDefaultPrivilegesAction::GrantDefaultPrivileges(it)) => {
                    it.role_ref_list()
                }
                _ => continue,
            },
            _ => continue,
        };
        let roles = roles
            .map(|it| script.source(it.syntax()))
            .unwrap_or_default();
        let mut roles = roles.split(',').map(str::trim);
        let public = roles.any(|it| it.eq_ignore_ascii_case("public"));
        let message = "More may be seen or done than before.";
        let finding = script.at(&RULE, it.stmt.syntax(), message);
        findings.push(match public {
            true => finding
                .at_level(Level::Warning)
                .help("Name the roles instead of PUBLIC."),
            false => finding,
        });
    }
}
