//! A rule: its name, its text, and what decides it.

use super::finding::{Finding, Level};
use super::script::Script;
use super::{floor, rules as own};
use crate::Error;
use std::fmt;
use underpin_core::ErrorKind;

/// A rule and all that is said about it; its page in `docs/lint` is written from this.
#[non_exhaustive]
pub struct Rule {
    /// Its name, as printed, and as `allow=` takes it.
    pub name: &'static str,
    /// Other names that mean it: `allow=` takes them, too.
    pub aliases: &'static [&'static str],
    /// Its numbers in the list of hazards; `allow=rule18` names it, too. None for rules about compatibility alone.
    pub numbers: &'static [u8],
    /// How bad a finding is, when nothing more is known.
    pub level: Level,
    /// Does the harm grow with the table? Then a new or small table makes it a note.
    pub scales: bool,
    /// Is the harm to those who use the object already? Then there is none in one that the file itself makes.
    pub spares_new: bool,
    /// What it needs to be checked.
    pub needs: Needs,
    /// The hazard, in a line.
    pub title: &'static str,
    /// The lock that is taken, and what it stops.
    pub lock: &'static str,
    /// Why it is a hazard.
    pub why: &'static str,
    /// SQL that the rule reports.
    pub bad: &'static str,
    /// SQL for the same purpose that it does not report.
    pub good: &'static str,
    pub(super) check: Check,
}

/// What a rule needs to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Needs {
    /// The SQL.
    Nothing,
    /// A server of this major version or newer.
    Version(u16),
    /// A database to look at.
    Database,
    /// Its place in a folder of migrations.
    Folder,
    /// A run on a scratch server.
    Scratch,
}

/// What decides a rule.
pub(super) enum Check {
    /// A rule of squawk.
    Squawk(squawk_linter::Rule),
    /// A function of ours.
    Ours(fn(&Script<'_>, &mut Vec<Finding>)),
    /// The engine itself: it speaks of text that no rule could read.
    Engine,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Rule {
    /// What most rules have in common, for `..Self::USUAL`.
    pub(super) const USUAL: Self = Self {
        name: "",
        aliases: &[],
        numbers: &[],
        level: Level::Note,
        scales: false,
        spares_new: false,
        needs: Needs::Nothing,
        title: "",
        lock: "No more than the statement needs in any form.",
        why: "",
        bad: "",
        good: "",
        check: Check::Engine,
    };

    /// Is this one of its names: `ban-drop-column`, or `rule18`?
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let number = name.strip_prefix("rule").and_then(|it| it.parse().ok());
        let called = self.name == name || self.aliases.contains(&name);
        called || number.is_some_and(|it| self.numbers.contains(&it))
    }
}

/// All rules: ours first, then those of squawk.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    own::ALL.iter().chain(floor::all()).copied()
}

/// The rules of a name: `ban-drop-column` is one, `rule21` are eight.
///
/// # Errors
/// [`InvalidInput`](ErrorKind::InvalidInput) when there is none; the hint says the nearest name.
pub fn rule(name: &str) -> Result<Vec<&'static Rule>, Error> {
    let found: Vec<_> = rules().filter(|it| it.is_called(name)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let error = Error::new(ErrorKind::InvalidInput, format!("no lint rule {name:?}"));
    Err(match nearest(name) {
        Some(nearest) => error.with_hint(format!(
            "did you mean {nearest}? `underpin migrate lint --list-rules` prints all"
        )),
        None => error.with_hint("`underpin migrate lint --list-rules` prints all"),
    })
}

/// The name that is most like it, when it is like any.
fn nearest(name: &str) -> Option<&'static str> {
    let words =
        |text: &str| -> Vec<String> { text.split('-').map(str::to_ascii_lowercase).collect() };
    let asked = words(name);
    let shared = |rule: &&Rule| {
        words(rule.name)
            .iter()
            .filter(|it| asked.contains(it))
            .count()
    };
    let best = rules().max_by_key(shared)?;
    (shared(&best) >= 2).then_some(best.name)
}
