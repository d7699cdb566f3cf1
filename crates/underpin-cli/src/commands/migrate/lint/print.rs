//! Findings and rules for people.

use super::super::show::count;
use super::Fixed;
use crate::context::Context;
use crate::output::Ink;
use serde_json::json;
use underpin_migrate::lint::{self, Finding, Level, Report};

/// Prints each finding, then the sum.
pub(super) fn text(
    reports: &[(String, Report)],
    fixed: &[Fixed],
    hidden: usize,
    context: &Context,
) -> anyhow::Result<()> {
    for Fixed { file, applied } in fixed {
        let lint::Applied { rule, line, title } = applied;
        context.out(format_args!("fixed {file}:{line}: {title} [{rule}]"))?;
    }
    for (file, report) in reports {
        for finding in &report.findings {
            print(file, finding, context)?;
        }
    }
    context.note(sum(reports, hidden));
    Ok(())
}

fn print(file: &str, finding: &Finding, context: &Context) -> anyhow::Result<()> {
    let Finding {
        rule,
        level,
        line,
        column,
        message,
        help,
        fix,
        ..
    } = finding;
    let ink = context.ink(match level {
        Level::Error => Ink::BoldRed,
        Level::Warning => Ink::BoldYellow,
        Level::Note => Ink::BoldCyan,
    });
    let name = rule.name;
    context.out(format_args!(
        "{file}:{line}:{column}: {ink}{level}{ink:#}[{name}]: {message}"
    ))?;
    if let Some(help) = help {
        context.out(format_args!("  help: {help}"))?;
    }
    if let Some(fix) = fix {
        let how = if fix.exact { " (--fix does it)" } else { "" };
        context.out(format_args!("  fix: {}{how}", fix.title))?;
    }
    Ok(())
}

fn sum(reports: &[(String, Report)], hidden: usize) -> String {
    let of = |level| {
        let findings = reports.iter().flat_map(|(_, report)| &report.findings);
        findings.filter(|it| it.level == level).count()
    };
    let mut sum = format!(
        "{}, {}, {} in {}",
        count(of(Level::Error), "error"),
        count(of(Level::Warning), "warning"),
        count(of(Level::Note), "note"),
        count(reports.len(), "file")
    );
    if hidden > 0 {
        sum.push_str(&format!(
            "; {hidden} less important not shown (--level note)"
        ));
    }
    let allowed: usize = reports.iter().map(|(_, it)| it.allowed.len()).sum();
    if allowed > 0 {
        sum.push_str(&format!("; {allowed} allowed with a reason"));
    }
    let unchecked = reports
        .iter()
        .map(|(_, it)| it.not_checked.len())
        .max()
        .unwrap_or_default();
    if unchecked > 0 {
        sum.push_str(&format!(
            "; {} not checked (--json says why)",
            count(unchecked, "rule")
        ));
    }
    sum
}

/// Prints the list of rules.
pub(super) fn rules(context: &Context) -> anyhow::Result<()> {
    if context.json {
        let rules = lint::rules().map(|rule| {
            json!({
                "name": rule.name,
                "numbers": rule.numbers,
                "level": rule.level,
                "title": rule.title,
                "page": lint::page(rule),
            })
        });
        return context.out_json(&json!({
            "rules": rules.collect::<Vec<_>>(),
            "index": lint::index(),
        }));
    }
    for rule in lint::rules() {
        let numbers: Vec<_> = rule.numbers.iter().map(|it| format!("rule{it}")).collect();
        context.out(format_args!(
            "{:<14} {:<44} {:<8} {}",
            numbers.join(","),
            rule.name,
            rule.level,
            rule.title
        ))?;
    }
    Ok(())
}
