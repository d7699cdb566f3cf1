//! What an import or a check found, printed.

use crate::context::Context;
use std::fmt;
use underpin_core::counted;
use underpin_stores::registry::{Problem, Report};

/// A problem is shown with so many of its faults; `--json` has all.
const FAULTS_SHOWN_MAX: usize = 10;

/// As JSON, or problem by problem with the counts in the last line.
pub(super) fn print(context: &Context, report: &Report, verb: &str) -> anyhow::Result<()> {
    if context.json {
        return context.out_json(report);
    }
    for problem in &report.problems {
        context.out(Lines(problem))?;
    }
    if report.problems_left_out > 0 {
        context.out(format_args!(
            "… and {}",
            counted(report.problems_left_out, "more problem")
        ))?;
    }
    context.out(if verb == "check" {
        checked(report)
    } else {
        imported(report)
    })
}

fn imported(report: &Report) -> String {
    let Report {
        read,
        imported,
        updated,
        unchanged,
        conflicts,
        rejected,
        repaired,
        problems: _,
        problems_left_out: _,
    } = report;
    let mut line = format!("{read} read: {imported} imported");
    if *repaired > 0 {
        line.push_str(&format!(" ({repaired} of them repaired)"));
    }
    for (count, what) in [
        (updated, "updated"),
        (unchanged, "unchanged"),
        (conflicts, "in conflict"),
        (rejected, "rejected"),
    ] {
        if *count > 0 {
            line.push_str(&format!(", {count} {what}"));
        }
    }
    if *imported + *updated == 0 {
        line.push_str("; nothing has changed");
    }
    line
}

fn checked(report: &Report) -> String {
    let Report {
        read,
        rejected,
        repaired,
        ..
    } = report;
    let mut line = format!("{read} read: {} valid", read - rejected);
    if *repaired > 0 {
        line.push_str(&format!(" ({repaired} of them after repairs)"));
    }
    if *rejected > 0 {
        line.push_str(&format!(", {rejected} invalid"));
    }
    line
}

/// `seed.json:12: document 3, io.github.a/b 1.0.0: rejected`, then a line a fault.
struct Lines<'a>(&'a Problem);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            file,
            index,
            line,
            name,
            version,
            verdict,
            faults,
        } = self.0;
        write!(f, "{file}")?;
        if let Some(line) = line {
            write!(f, ":{line}")?;
        }
        f.write_str(":")?;
        if let Some(index) = index {
            write!(f, " document {},", index + 1)?;
        }
        for text in [name, version].into_iter().flatten() {
            write!(f, " {}", printable(text))?;
        }
        write!(f, " {}", verdict.as_str())?;
        for fault in faults.iter().take(FAULTS_SHOWN_MAX) {
            write!(f, "\n  {fault}")?;
        }
        if faults.len() > FAULTS_SHOWN_MAX {
            write!(f, "\n  … and {} more", faults.len() - FAULTS_SHOWN_MAX)?;
        }
        Ok(())
    }
}

/// Control characters would let a document write on the terminal what it likes.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.is_control().then(|| character.escape_default());
            let plain = (!character.is_control()).then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable("It's é \u{1b}[31m\n"), "It's é \\u{1b}[31m\\n");
    }

    #[test]
    fn an_import_that_changes_nothing_says_so() {
        let report = Report {
            read: 157,
            unchanged: 153,
            rejected: 4,
            ..Report::default()
        };
        assert_eq!(
            imported(&report),
            "157 read: 0 imported, 153 unchanged, 4 rejected; nothing has changed"
        );
        let report = Report {
            read: 157,
            imported: 153,
            repaired: 99,
            rejected: 4,
            ..Report::default()
        };
        assert_eq!(
            imported(&report),
            "157 read: 153 imported (99 of them repaired), 4 rejected"
        );
        assert_eq!(
            checked(&report),
            "157 read: 153 valid (99 of them after repairs), 4 invalid"
        );
    }
}
