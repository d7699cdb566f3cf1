//! Migrations that came too late (rule 55).

use crate::files::Header;
use crate::lint::rule::{Check, Needs, Rule};
use crate::lint::script::Script;
use crate::lint::{Finding, Level};
use crate::sql::{options, tokens};

pub(super) static RULE: Rule = Rule {
    name: "out-of-order",
    numbers: &[55],
    level: Level::Error,
    needs: Needs::Folder,
    title: "A migration that is older than what was applied runs in another order elsewhere",
    why: "Here it comes after the newest, on a new database before it: the two may differ for good. Give it a new \
          version. Checked against the database's ledger, and against `parent=` at the top of the file.",
    bad: "-- underpin: parent=20240501120000\n-- in a file whose folder has another migration between the two\nSELECT 1;",
    good: "-- underpin: parent=20240502120000\n-- the migration before this one\nSELECT 1;",
    check: Check::Ours(check),
    ..Rule::USUAL
};

fn check(script: &Script<'_>, findings: &mut Vec<Finding>) {
    let Some(version) = script.settings.version else {
        return;
    };
    if let Some(facts) = script.facts()
        && let Some(head) = facts.head.filter(|head| version < *head)
        && !facts.applied.contains(&version)
    {
        let message = format!("Version {version} is older than {head}, which is applied already.");
        let finding = script.finding(&RULE, (0, 0), message);
        findings.push(
            finding.help("Rename the file to a new version, or run `migrate up --out-of-order`."),
        );
    }
    let parent = parent(script.text);
    let before = script.settings.predecessor;
    if let Some((parent, before)) = parent
        .zip(before)
        .filter(|(parent, before)| parent != before)
    {
        let message =
            format!("The file follows {parent}, but {before} comes before it in the folder.");
        let finding = script.finding(&RULE, (0, 0), message);
        findings.push(finding.help("Look whether the two agree, then set parent= anew."));
    }
}

fn parent(text: &str) -> Option<crate::files::Version> {
    let at_the_top = tokens(text).into_iter().take_while(|it| it.is_trivia());
    at_the_top
        .filter_map(|token| {
            let mut header = Header::default();
            header.read_line(options(text, &token)?).ok()?;
            header.parents.into_iter().max()
        })
        .next()
}
