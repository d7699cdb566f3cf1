//! The public cases of squawk: the rule that must report reports, the rule that must be silent is.

use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use underpin_migrate::lint::{self, Settings};

/// Where the verdict is another one, and why: case, reason.
const BETTER: [(&str, &str); 2] = [
    (
        "prefer_repack/vacuum_full_below_pg19_ok",
        "no version is said, and three cases of the same SQL want prefer-repack reported: ours does, as a note",
    ),
    (
        "require_timeout_settings/fix_add_statement_timeout_only",
        "the file sets lock_timeout, so require-statement-timeout reports and require-lock-timeout is silent; squawk's \
         test enables both and the case names the first",
    ),
];

#[derive(Deserialize)]
struct Expected {
    rule: String,
    verdict: String,
    pg_version: Option<String>,
    assume_in_transaction: bool,
}

#[test]
fn verdicts_are_as_expected() {
    let Some(folder) = folder() else {
        println!("skipped: the shared cases are not here");
        return;
    };
    let mut checked = 0;
    let mut wrong = Vec::new();
    for case in cases(&folder) {
        let name = case
            .strip_prefix(&folder)
            .expect("inside")
            .display()
            .to_string();
        let reported = reports(&case);
        checked += 1;
        if reported.is_err() && !BETTER.iter().any(|(known, _)| *known == name) {
            wrong.push((name, reported));
        } else if reported.is_ok() {
            assert!(
                !BETTER.iter().any(|(known, _)| *known == name),
                "{name} needs no reason any more"
            );
        }
    }
    println!(
        "{checked} cases, {} with a reason why ours is more right",
        BETTER.len()
    );
    assert!(checked > 0 && wrong.is_empty(), "{wrong:#?}");
}

/// Is the verdict of a case as expected? Otherwise what was found.
fn reports(case: &Path) -> Result<(), String> {
    let read = |name: &str| fs::read_to_string(case.join(name)).expect("a case has both files");
    let expected: Expected = serde_json::from_str(&read("expect.json")).expect("as the others");
    let mut settings = Settings::default();
    settings.assume_in_transaction = expected.assume_in_transaction;
    settings.pg_version = expected.pg_version.map(|it| it.parse().expect("a version"));
    let findings = lint::check(&read("in.sql"), &settings);
    let found: Vec<_> = findings.iter().map(|it| it.rule.name).collect();
    let reported = found.contains(&expected.rule.as_str());
    if reported == (expected.verdict == "error") {
        Ok(())
    } else {
        Err(format!(
            "{} expected {}, found {found:?}",
            expected.rule, expected.verdict
        ))
    }
}

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/lint");
    folder.is_dir().then_some(folder)
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("readable");
        let paths = entries.map(|it| it.expect("readable").path());
        paths.filter(|it| it.is_dir()).collect::<Vec<_>>()
    };
    let mut cases: Vec<_> = entries(folder).iter().flat_map(|it| entries(it)).collect();
    cases.sort();
    cases
}
