//! What people read.

use crate::fault::Fault;
use crate::judge::Verdict;
use crate::memory::Memory;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

/// How many ids of a broken promise are shown.
const SHOWN_MAX: usize = 10;

/// Prints a line.
pub(crate) fn say(line: impl Display) {
    // A closed stdout must not end the run.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// The faults so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    counts: BTreeMap<Fault, usize>,
    slowest: Option<(Duration, Fault)>,
}

impl Faults {
    /// Counts a fault that was survived, and how long it took from its end until all writers were served again.
    pub(crate) fn add(&mut self, fault: Fault, recovery: Duration) {
        *self.counts.entry(fault).or_default() += 1;
        self.slowest = self.slowest.max(Some((recovery, fault)));
    }
}

/// All that counts, in one line.
pub(crate) fn closing_line(
    minutes: f64,
    faults: &Faults,
    attempts: u64,
    verdict: &Verdict,
    memory: &Memory,
) -> String {
    let Verdict {
        acknowledged,
        resolved: (written, not_written),
        missing,
        twice,
        torn,
        unasked,
        wrong,
        left,
    } = verdict;
    let total: usize = faults.counts.values().sum();
    let kinds: Vec<_> = faults
        .counts
        .iter()
        .map(|(fault, count)| format!("{count} × {fault}"))
        .collect();
    let slowest = faults
        .slowest
        .map(|(recovery, fault)| format!("{recovery:.1?} ({fault})"))
        .unwrap_or_default();
    format!(
        "soak: {minutes:.1} min; {total} faults ({}); {attempts} attempts; {acknowledged} rows acknowledged; \
         {} unknown outcomes resolved ({written} written, {not_written} not); \
         acknowledged and missing = {}, written twice = {}, torn transactions = {}, written though refused = {}, \
         wrong answers = {}, state left in sessions = {}, hung = 0; longest recovery {slowest}; {memory}",
        kinds.join(", "),
        written + not_written,
        shown(missing),
        shown(twice),
        shown(torn),
        shown(unasked),
        wrong.count,
        left.count,
    )
}

/// How many, and the first of them.
fn shown(ids: &[i64]) -> String {
    match ids {
        [] => String::from("0"),
        ids => format!("{} {:?}", ids.len(), &ids[..ids.len().min(SHOWN_MAX)]),
    }
}
