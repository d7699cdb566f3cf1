//! Applies fixes that keep what a migration means.

use super::engine::check;
use super::finding::{Edit, Finding};
use super::rules::SYNTAX_ERROR;
use super::settings::Settings;
use serde::Serialize;

/// Most rounds of checking and fixing: one fix may make room for another, none for more than a few.
const ROUNDS_MAX: usize = 10;

/// A text after its fixes.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was changed, in order.
    pub applied: Vec<Applied>,
}

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// The rule's name.
    pub rule: &'static str,
    /// The line, in the text as it was when the fix was applied.
    pub line: u32,
    /// What was done.
    pub title: String,
}

/// Applies every exact fix of findings that are more than notes, until there is none.
#[must_use]
pub fn fix(sql: &str, settings: &Settings) -> Fixed {
    let mut fixed = Fixed {
        text: sql.to_owned(),
        applied: Vec::new(),
    };
    let mut findings = check(sql, settings);
    for _ in 0..ROUNDS_MAX {
        let (edits, applied) = choose(&findings);
        if edits.is_empty() {
            break;
        }
        let text = replace(&fixed.text, edits);
        let after = check(&text, settings);
        // A fix that breaks what could be read is a bug of the fix: the text stays as it was.
        if unread(&after) > unread(&findings) {
            break;
        }
        fixed.text = text;
        fixed.applied.extend(applied);
        findings = after;
    }
    fixed
}

fn unread(findings: &[Finding]) -> usize {
    findings
        .iter()
        .filter(|it| *it.rule == SYNTAX_ERROR)
        .count()
}

/// The edits of one round, in order of the text; what touches another one waits for the next round.
fn choose(findings: &[Finding]) -> (Vec<Edit>, Vec<Applied>) {
    let mut chosen: Vec<Edit> = Vec::new();
    let mut applied = Vec::new();
    for finding in findings.iter().filter(|it| it.level > super::Level::Note) {
        let Some(fix) = finding.fix.as_ref().filter(|it| it.exact) else {
            continue;
        };
        let touches = |edit: &Edit| {
            chosen
                .iter()
                .any(|it| edit.start <= it.end && it.start <= edit.end)
        };
        if fix.edits.is_empty() || fix.edits.iter().any(touches) {
            continue;
        }
        chosen.extend(fix.edits.iter().cloned());
        applied.push(Applied {
            rule: finding.rule.name,
            line: finding.line,
            title: fix.title.clone(),
        });
    }
    chosen.sort_by_key(|it| it.start);
    (chosen, applied)
}

fn replace(text: &str, edits: Vec<Edit>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        result.push_str(&text[at..edit.start]);
        result.push_str(&edit.text);
        at = edit.end;
    }
    result.push_str(&text[at..]);
    result
}
