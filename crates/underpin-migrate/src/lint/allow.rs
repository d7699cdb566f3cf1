//! Exceptions: `-- underpin: allow=ban-drop-column reason="unused since v4"` at the top of the file.

use super::finding::Finding;
use super::rule::{Rule, rule};
use super::rules::BAD_OPTION;
use super::script::Script;
use crate::files::{Allow, Header};
use crate::sql::{options, tokens};
use serde::Serialize;

/// A finding that the file allows.
#[derive(Debug, Serialize)]
pub struct Allowed {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// Why it is fine here.
    pub reason: String,
}

/// What a file allows.
pub(super) struct Allows(Vec<(Vec<&'static Rule>, String)>);

/// Reads the options of a file; a mistake in them is a finding.
pub(super) fn read(text: &str, script: &Script<'_>, findings: &mut Vec<Finding>) -> Allows {
    let mut allows = Vec::new();
    let mut at_the_top = true;
    for token in tokens(text) {
        at_the_top &= token.is_trivia();
        let Some(line) = options(text, &token) else {
            continue;
        };
        let mut complain = |message: String, help: &str| {
            let range = (token.start, token.end);
            findings.push(script.finding(&BAD_OPTION, range, message).help(help));
        };
        if !at_the_top {
            complain(
                String::from("An option after the first statement is not read."),
                "Options stand at the top of the file and hold for all of it.",
            );
            continue;
        }
        let mut header = Header::default();
        if let Err(wrong) = header.read_line(line) {
            complain(format!("The option cannot be read: {wrong}."), OPTIONS_HELP);
        }
        for Allow { rule: name, reason } in header.allows {
            match rule(&name) {
                Ok(rules) => allows.push((rules, reason)),
                Err(error) => {
                    let help = error.hint().unwrap_or_default();
                    complain(
                        format!("The option allows what does not exist: {error}."),
                        help,
                    );
                }
            }
        }
    }
    Allows(allows)
}

const OPTIONS_HELP: &str = "As in: -- underpin: allow=ban-drop-column reason=\"unused since v4\"";

impl Allows {
    /// Splits findings into those that stand and those that are allowed.
    pub(super) fn apply(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Allowed>) {
        let mut standing = Vec::new();
        let mut allowed = Vec::new();
        for finding in findings {
            let allow = self
                .0
                .iter()
                .find(|(rules, _)| rules.contains(&finding.rule));
            match allow {
                Some((_, reason)) => allowed.push(Allowed {
                    finding,
                    reason: reason.clone(),
                }),
                None => standing.push(finding),
            }
        }
        (standing, allowed)
    }
}
