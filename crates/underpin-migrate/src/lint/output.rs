//! Reports for programs: JSON and SARIF.

use super::engine::{NotChecked, Report};
use super::finding::Finding;
use super::rule::{Rule, rules};
use super::{Allowed, Level};
use serde::Serialize;
use serde_json::{Value, json};

/// The reports of some files as one JSON value: `findings`, `allowed`, `not_checked`.
#[must_use]
pub fn json(reports: &[(String, Report)]) -> Value {
    let findings: Vec<_> = each(reports, |report| &report.findings).collect();
    let allowed: Vec<_> = each(reports, |report| &report.allowed).collect();
    // What is missing is missing for all files alike, but for the place in a folder.
    let mut not_checked: Vec<&NotChecked> = Vec::new();
    for it in reports.iter().flat_map(|(_, report)| &report.not_checked) {
        if !not_checked.iter().any(|known| known.rule == it.rule) {
            not_checked.push(it);
        }
    }
    json!({ "findings": findings, "allowed": allowed, "not_checked": not_checked })
}

#[derive(Serialize)]
struct InFile<'a, T> {
    file: &'a str,
    #[serde(flatten)]
    it: &'a T,
}

fn each<'a, T: 'a>(
    reports: &'a [(String, Report)],
    items: impl Fn(&'a Report) -> &'a Vec<T>,
) -> impl Iterator<Item = InFile<'a, T>> {
    reports
        .iter()
        .flat_map(move |(file, report)| items(report).iter().map(move |it| InFile { file, it }))
}

/// The reports of some files as a SARIF 2.1.0 log; what is allowed is a suppressed result.
#[must_use]
pub fn sarif(reports: &[(String, Report)]) -> Value {
    let findings = reports.iter().flat_map(|(file, report)| {
        let standing = report.findings.iter().map(move |it| result(file, it));
        let allowed = report
            .allowed
            .iter()
            .map(move |Allowed { finding, reason }| {
                let mut result = result(file, finding);
                result["suppressions"] = json!([{ "kind": "inSource", "justification": reason }]);
                result
            });
        standing.chain(allowed)
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "underpin",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules().map(descriptor).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": findings.collect::<Vec<_>>(),
        }],
    })
}

fn descriptor(rule: &'static Rule) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.why, "markdown": super::page(rule) },
        "helpUri": format!("{}/blob/main/docs/lint/{}.md", env!("CARGO_PKG_REPOSITORY"), rule.name),
        "defaultConfiguration": { "level": rule.level },
        "properties": { "numbers": rule.numbers },
    })
}

fn result(file: &str, finding: &Finding) -> Value {
    let help = finding.help.as_ref().map(|help| format!(" {help}"));
    let mut result = json!({
        "ruleId": finding.rule.name,
        "level": finding.level,
        "message": { "text": format!("{}{}", finding.message, help.unwrap_or_default()) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": {
                "startLine": finding.line,
                "startColumn": finding.column,
                "endLine": finding.end_line,
                "endColumn": finding.end_column,
            },
        } }],
    });
    if let Some(fix) = finding.fix.as_ref().filter(|it| it.exact) {
        let replacements = fix.edits.iter().map(|edit| {
            json!({
                "deletedRegion": { "byteOffset": edit.start, "byteLength": edit.end - edit.start },
                "insertedContent": { "text": edit.text },
            })
        });
        result["fixes"] = json!([{
            "description": { "text": fix.title },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(file) },
                "replacements": replacements.collect::<Vec<_>>(),
            }],
        }]);
    }
    result
}

/// A path as a relative URI: slashes, and everything else that a URI has no use for escaped.
fn uri(file: &str) -> String {
    let mut uri = String::new();
    for byte in file.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// The worst level of some reports.
#[must_use]
pub fn worst(reports: &[(String, Report)]) -> Option<Level> {
    let findings = reports.iter().flat_map(|(_, report)| &report.findings);
    findings.map(|it| it.level).max()
}
