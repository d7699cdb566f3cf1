//! What an import or a check found, printed.

use crate::context::Context;
use crate::output::one_line;
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
        context.out_lines(lines(problem))?;
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

/// `seed.json:12: document 3, io.github.a/b 1.0.0: rejected`, then a line a fault. A line break in a file's name, a version
/// or a document's field makes no line of its own.
fn lines(problem: &Problem) -> String {
    let Problem {
        file,
        index,
        line,
        name,
        version,
        verdict,
        faults,
    } = problem;
    let mut head = one_line(file);
    if let Some(line) = line {
        head.push_str(&format!(":{line}"));
    }
    head.push(':');
    if let Some(index) = index {
        head.push_str(&format!(" document {},", index + 1));
    }
    for text in [name, version].into_iter().flatten() {
        head.push_str(&format!(" {}", one_line(text)));
    }
    head.push_str(&format!(" {}", verdict.as_str()));
    let shown = faults.iter().take(FAULTS_SHOWN_MAX).map(one_line);
    let mut lines: Vec<String> = [head].into_iter().chain(shown).collect();
    if faults.len() > FAULTS_SHOWN_MAX {
        lines.push(format!("… and {} more", faults.len() - FAULTS_SHOWN_MAX));
    }
    lines.join("\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_a_line_and_a_line_a_fault_whatever_stands_in_them() {
        let fault = underpin_stores::registry::Document::parse(
            r#"{"name":"a/b","description":"x","version":"1","k\n\u001b[31m":{"a":1,"a":2}}"#,
        );
        let problem = Problem {
            file: "a\nb.json".into(),
            index: Some(1),
            line: Some(2),
            name: Some("a/b".into()),
            version: Some("1\nforged: rejected".into()),
            verdict: underpin_stores::registry::Verdict::Rejected,
            faults: fault.unwrap_err(),
        };
        assert_eq!(
            lines(&problem),
            "a\\nb.json:2: document 2, a/b 1\\nforged: rejected rejected\n  \
             k\\n\\u{1b}[31m.a: the key \"a\" appears twice; readers may take either (duplicate-key)"
        );
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
