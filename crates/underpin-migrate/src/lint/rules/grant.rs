//! GRANT (rule 46).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AstNode, Stmt};

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
        let Stmt::Grant(grant) = &it.stmt else {
            continue;
        };
        let roles = grant.role_ref_list();
        let public =
            roles.is_some_and(|it| script.source(it.syntax()).eq_ignore_ascii_case("public"));
        let finding = script.at(
            &RULE,
            grant.syntax(),
            "More may be seen or done than before.",
        );
        findings.push(match public {
            true => finding
                .at_level(Level::Warning)
                .help("Name the roles instead of PUBLIC."),
            false => finding,
        });
    }
}
