//! Changes of a domain that read every table of it (rule 29).

use crate::lint::rule::{Check, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use squawk_syntax::ast::{AlterDomainAction, AstNode, Stmt};

pub(super) static RULE: Rule = Rule {
    name: "domain-validated",
    numbers: &[29],
    level: Level::Error,
    spares_new: true,
    title: "SET NOT NULL and VALIDATE CONSTRAINT of a domain read every table that uses it",
    lock: "SHARE on every table with a column of the domain, for the scans: writes wait.",
    why: "All the tables are locked and read in one statement, and domains have no form that lets writes go on. Put the \
          condition on the columns, table by table.",
    bad: "ALTER DOMAIN app.percent SET NOT NULL;",
    good: "ALTER TABLE app.orders ADD CONSTRAINT orders_discount_there CHECK (discount IS NOT NULL) NOT VALID;\n\
           ALTER TABLE app.orders VALIDATE CONSTRAINT orders_discount_there;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    for it in &script.statements {
        let Stmt::AlterDomain(alter) = &it.stmt else {
            continue;
        };
        let scans = matches!(
            alter.action(),
            Some(AlterDomainAction::SetNotNull(_) | AlterDomainAction::ValidateConstraint(_))
        );
        if scans {
            let message =
                "Every table with a column of the domain is read while writes to it wait.";
            findings.push(
                script
                    .at(&RULE, alter.syntax(), message)
                    .help("Use constraints of the columns instead, table by table."),
            );
        }
    }
}
