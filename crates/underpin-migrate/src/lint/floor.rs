//! The floor: every rule of squawk's linter, with our numbers, levels and texts.

mod columns;
mod compatibility;
mod constraints;
mod indexes;
mod overlooked;
mod process;
mod security;
mod tables;
mod types;

use super::finding::{Edit, Finding, Fix};
use super::rule::{Check, Rule};
use super::script::Script;
use squawk_linter::{Linter, LinterSettings, Violation};

pub(super) use columns::{
    ADDING_FIELD_WITH_DEFAULT, ADDING_NOT_NULLABLE_FIELD, CHANGING_COLUMN_TYPE,
};
pub(super) use constraints::{
    ADDING_FOREIGN_KEY_CONSTRAINT, BAN_DROP_CONSTRAINT, CONSTRAINT_MISSING_NOT_VALID,
    DISALLOWED_UNIQUE_CONSTRAINT,
};
pub(super) use indexes::{
    BAN_CONCURRENT_INDEX_CREATION_IN_TRANSACTION, REQUIRE_CONCURRENT_INDEX_CREATION,
    REQUIRE_CONCURRENT_INDEX_DELETION, REQUIRE_CONCURRENT_REINDEX,
};
use process::{REQUIRE_LOCK_TIMEOUT, REQUIRE_STATEMENT_TIMEOUT, REQUIRE_TIMEOUT_SETTINGS};
use tables::PREFER_REPACK;

pub(super) use process::TRANSACTION_NESTING;
pub(super) use tables::REQUIRE_CONCURRENT_PARTITION_DETACH;
pub(super) use types::BAN_ALTER_DOMAIN_WITH_ADD_CONSTRAINT;

/// All of them, by area.
pub(super) fn all() -> impl Iterator<Item = &'static &'static Rule> {
    let areas = [
        indexes::ALL,
        columns::ALL,
        types::ALL,
        constraints::ALL,
        tables::ALL,
        security::ALL,
        process::ALL,
        compatibility::ALL,
    ];
    areas.into_iter().flatten()
}

/// What squawk finds, and what of its rules it overlooks.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let assume = script.settings.assume_in_transaction;
    let mut linter = linter(script, all().copied(), assume);
    let violations = linter.lint(&script.parse, script.text);
    let found = violations
        .into_iter()
        .filter_map(|it| finding(script, it, 0));
    let mut found: Vec<_> = found.collect();
    found.extend(overlooked::check(script));
    found.extend(overlooked::timeouts(script, &found));
    found
}

fn linter(
    script: &Script<'_>,
    rules: impl Iterator<Item = &'static Rule>,
    assume_in_transaction: bool,
) -> Linter {
    let mut linter = Linter::from(rules.filter_map(squawk));
    linter.settings = LinterSettings {
        // Squawk reads every version that ours prints; its own default otherwise.
        pg_version: (script.settings.pg_version().to_string().parse()).unwrap_or_default(),
        assume_in_transaction,
    };
    linter
}

fn squawk(rule: &Rule) -> Option<squawk_linter::Rule> {
    match rule.check {
        Check::Squawk(squawk) => Some(squawk),
        Check::Ours(_) | Check::Engine => None,
    }
}

/// A finding of squawk in a text that begins at `start`.
fn finding(script: &Script<'_>, violation: Violation, start: usize) -> Option<Finding> {
    let rule = *all().find(|it| squawk(it) == Some(violation.code))?;
    let range = violation.text_range;
    let range = (
        start + usize::from(range.start()),
        start + usize::from(range.end()),
    );
    let mut finding = script.finding(rule, range, violation.message);
    finding.help = violation.help;
    finding.fix = violation.fix.map(|fix| Fix {
        title: fix.title,
        exact: false,
        edits: fix.edits.into_iter().map(|it| edit(it, start)).collect(),
    });
    Some(finding)
}

fn edit(edit: squawk_linter::Edit, start: usize) -> Edit {
    let range = edit.text_range;
    Edit {
        start: start + usize::from(range.start()),
        end: start + usize::from(range.end()),
        text: edit.text.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_squawk_is_there_once() {
        for expected in enum_iterator::all::<squawk_linter::Rule>() {
            let ours = all().filter(|it| squawk(it) == Some(expected));
            assert_eq!(ours.count(), 1, "{expected}");
        }
    }

    #[test]
    fn names_are_those_of_squawk() {
        for rule in all() {
            let squawk = squawk(rule).expect("only squawk's rules are in the floor");
            assert_eq!(rule.name, squawk.to_string());
        }
    }
}
