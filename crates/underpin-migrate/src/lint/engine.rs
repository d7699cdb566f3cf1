//! Runs all rules over a file.

use super::adjust;
use super::allow::{self, Allowed};
use super::finding::Finding;
use super::floor;
use super::rule::{Check, Needs, Rule, rules};
use super::rules::{SYNTAX_ERROR, UNCHECKED};
use super::script::Script;
use super::settings::Settings;
use super::suspect;
use serde::Serialize;

/// The parser and squawk walk trees recursively; [`suspect`] bounds how deep, this gives them room.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// What lint says about a file.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What was found, in the order of the text.
    pub findings: Vec<Finding>,
    /// What was found and is allowed by an option of the file.
    pub allowed: Vec<Allowed>,
    /// Rules that could not be checked.
    pub not_checked: Vec<NotChecked>,
}

/// A rule that could not be checked.
#[derive(Debug, Clone, Serialize)]
pub struct NotChecked {
    /// Its name.
    pub rule: &'static str,
    /// What is missing.
    pub reason: &'static str,
}

/// What is unsafe in a migration; what the file itself allows is left out.
///
/// Text that cannot be read is a finding like any other: `syntax-error`, `bad-option`, `not-checked`.
#[must_use]
pub fn check(sql: &str, settings: &Settings) -> Vec<Finding> {
    report(sql, settings).findings
}

/// As [`check`], with what was allowed and what could not be checked.
#[must_use]
pub fn report(sql: &str, settings: &Settings) -> Report {
    // A bug in a rule or in the parser must not take the program down, nor pass for a clean file.
    with_room(|| inspect(sql, settings)).unwrap_or_else(|| unchecked(settings))
}

/// Runs what walks syntax trees on a thread with room for deep ones; none when it panicked, or could not be started.
pub(super) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .name(String::from("lint"))
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work);
        worker.ok()?.join().ok()
    })
}

fn inspect(sql: &str, settings: &Settings) -> Report {
    let readable = suspect::read(sql);
    let script = Script::new(sql, settings, &readable.text, readable.parse);
    let mut findings = Vec::new();
    for unread in readable.unread {
        findings.push(
            script
                .finding(&SYNTAX_ERROR, unread.range, unread.message)
                .help("Correct it, or check it by hand: no rule was applied to this statement."),
        );
    }
    let allows = allow::read(sql, &script, &mut findings);
    for rule in rules() {
        if let Check::Ours(check) = rule.check {
            check(&script, &mut findings);
        }
    }
    findings.extend(floor::check(&script));
    adjust::adjust(&script, &mut findings);
    findings.sort_by_key(|it| (it.range, it.rule.name));
    findings.dedup();
    let (findings, allowed) = allows.apply(findings);
    Report {
        findings,
        allowed,
        not_checked: not_checked(settings),
    }
}

fn unchecked(settings: &Settings) -> Report {
    let script = Script::new("", settings, "", squawk_syntax::SourceFile::parse(""));
    let message = String::from("The checker failed on this file: nothing in it was checked.");
    let finding = script
        .finding(&UNCHECKED, (0, 0), message)
        .help("Report it with the file; until then, read the file with care.")
        .at_level(super::Level::Error);
    Report {
        findings: vec![finding],
        allowed: Vec::new(),
        not_checked: not_checked(settings),
    }
}

fn not_checked(settings: &Settings) -> Vec<NotChecked> {
    let missing = |rule: &Rule| match rule.needs {
        Needs::Database if settings.facts.is_none() => Some("no database to look at"),
        Needs::Scratch if settings.measured.is_none() => Some("not run on a scratch server"),
        Needs::Folder if settings.version.is_none() => Some("not a file of a migration folder"),
        _ => None,
    };
    rules()
        .filter_map(|rule| {
            missing(rule).map(|reason| NotChecked {
                rule: rule.name,
                reason,
            })
        })
        .collect()
}
