//! A piece of a way as the pair of files that it becomes.

use super::Difference;
use super::route::Route;
use crate::files::Text;
use crate::lint::{self, Level, Settings};
use std::collections::BTreeSet;

/// sqlx runs a file without a transaction when it begins with these bytes.
const NO_TRANSACTION: &str = "-- no-transaction\n";

impl Difference {
    /// The texts of a migration. `reason` says why what lint calls an error is meant.
    #[must_use]
    pub fn text(&self, title: &str, reason: &str) -> Text {
        let up = text(&self.up, title, "");
        Text {
            down: text(&self.down, &format!("undo: {title}"), ""),
            up: match allowance(&up, reason) {
                Some(allowance) => text(&self.up, title, &allowance),
                None => up,
            },
        }
    }
}

fn text(route: &Route, title: &str, header: &str) -> String {
    let is_alone = route.steps.iter().any(|step| step.alone);
    let first = if is_alone { NO_TRANSACTION } else { "" };
    if route.steps.is_empty() {
        return format!("-- {title}: nothing has to be done\n");
    }
    format!("{first}-- {title}\n{header}\n{route}")
}

/// The option that allows what lint calls errors.
fn allowance(text: &str, reason: &str) -> Option<String> {
    let findings = lint::check(text, &Settings::default());
    let errors = findings.iter().filter(|it| it.level == Level::Error);
    let rules: BTreeSet<&str> = errors.map(|finding| finding.rule.name).collect();
    let rules: Vec<&str> = rules.into_iter().collect();
    let reason = reason.replace('\\', "\\\\").replace('"', "\\\"");
    let reason = reason.replace(['\n', '\r'], " ");
    let rules = (!rules.is_empty()).then(|| rules.join(","))?;
    Some(format!("-- underpin: allow={rules} reason=\"{reason}\"\n"))
}
