//! Which repeatable files are to be run.

use super::Step;
use crate::Error;
use crate::files::{Chain, Repeatable};
use crate::ledger::{Ledger, RepeatableRecord};
use serde::Serialize;
use std::sync::Arc;

/// Where a repeatable file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RepeatableState {
    /// Never run.
    Pending,
    /// Run as it is now, layout and comments aside.
    Applied,
    /// Changed since it was run; the next `up` runs it.
    Changed,
    /// Run as it is now, and replaced since by other content: that of a newer program, most likely. `up` runs it,
    /// [`ensure`](crate::Migrator::ensure) does not.
    Superseded,
    /// Run, and its file is gone. What it made is still there.
    Missing,
}

impl RepeatableState {
    /// Compares a file with what was run of it.
    pub(crate) fn of(repeatable: &Repeatable, record: Option<&RepeatableRecord>) -> Self {
        let Some(record) = record else {
            return Self::Pending;
        };
        let raw = repeatable.script.raw_hash();
        if raw == record.raw {
            return Self::Applied;
        }
        if repeatable.script.meaning_hash() == record.meaning {
            return Self::Applied;
        }
        match record.earlier.contains(&raw) {
            true => Self::Superseded,
            false => Self::Changed,
        }
    }
}

/// What is to be run, in the order of names; `for_start` leaves the work of a newer program alone.
pub(crate) fn outdated(
    chain: &Chain,
    ledger: &Ledger,
    for_start: bool,
) -> impl Iterator<Item = Arc<Repeatable>> {
    let is_outdated = move |it: &&Arc<Repeatable>| match RepeatableState::of(
        it,
        ledger.repeatables.get(&it.name),
    ) {
        RepeatableState::Pending | RepeatableState::Changed => true,
        RepeatableState::Superseded => !for_start,
        RepeatableState::Applied | RepeatableState::Missing => false,
    };
    chain.repeatables().iter().filter(is_outdated).cloned()
}

/// What is to be run after some steps: all of them when something of these or of those may drop others.
pub(super) fn after_steps(
    chain: &Chain,
    ledger: &Ledger,
    steps: &[Step],
    for_start: bool,
) -> Result<Vec<Arc<Repeatable>>, Error> {
    let outdated: Vec<_> = outdated(chain, ledger, for_start).collect();
    let drops = steps.iter().flat_map(Step::remaining).any(|it| it.drops())
        || outdated.iter().any(|it| it.drops());
    let repeatables = if drops {
        chain.repeatables().to_vec()
    } else {
        outdated
    };
    repeatables.iter().try_for_each(|it| it.refuse_alone())?;
    Ok(repeatables)
}
