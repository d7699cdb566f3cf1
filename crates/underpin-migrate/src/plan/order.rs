//! Migrations that came late, and branches side by side: what touches different objects may run in either order.

use crate::compare::Compared;
use crate::files::{Chain, Graph, Migration, Version};
use crate::sql::Touched;
use crate::{Error, Settings};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most objects that a message names.
const SHOWN_MAX: usize = 5;

/// Refuses what would run in another order than elsewhere; what may is noted.
///
/// # Errors
/// [`HistoryConflict`](underpin_core::ErrorKind::HistoryConflict), naming both files and what they share.
pub(super) fn check(
    chain: &Chain,
    compared: &[Compared<'_>],
    wanted: &[&Compared<'_>],
    settings: &Settings,
) -> Result<Vec<String>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let order = Order {
        chain,
        graph: Graph::new(chain.migrations()),
        lenient: settings.allow_out_of_order,
    };
    let mut notes = order.late(compared, wanted)?;
    notes.extend(order.branches(wanted)?);
    Ok(notes)
}

struct Order<'a> {
    chain: &'a Chain,
    graph: Graph,
    lenient: bool,
}

impl Order<'_> {
    /// Each wanted one that is older than an applied one must touch other objects.
    fn late(
        &self,
        compared: &[Compared<'_>],
        wanted: &[&Compared<'_>],
    ) -> Result<Vec<String>, Error> {
        // A deferred one neither comes late nor makes others late: its place in time is after them all.
        let applied = compared
            .iter()
            .filter(|it| it.state.is_applied() && !it.is_deferred());
        let applied: Vec<&Compared<'_>> = applied.collect();
        let mut notes = Vec::new();
        for it in wanted
            .iter()
            .filter(|it| !it.is_begun() && !it.is_deferred())
        {
            let Some(migration) = it.migration else {
                continue;
            };
            let newer = || applied.iter().filter(|newer| newer.version > it.version);
            let Some(newest) = newer().map(|it| it.version).max() else {
                continue;
            };
            if !self.lenient {
                for newer in newer() {
                    self.check_late(migration, newer)?;
                }
            }
            let why = match self.lenient {
                true => "applied late, as asked",
                false => "it touches other objects than those applied after it",
            };
            let file = migration.up.file();
            notes.push(format!(
                "{file} is older than {newest}, which is applied already: {why}"
            ));
        }
        Ok(notes)
    }

    fn check_late(&self, late: &Arc<Migration>, newer: &Compared<'_>) -> Result<(), Error> {
        if self.is_reconciled(late.version, newer.version) {
            return Ok(());
        }
        let file = late.up.file();
        let Some(migration) = newer.migration else {
            let message = format!(
                "{file} is older than {}, which a newer program has applied",
                newer.version
            );
            return Err(Error::conflict(message).with_hint(LATE));
        };
        let Some(why) = overlap(late, migration) else {
            return Ok(());
        };
        let message = format!(
            "{file} is older than {}, which is applied already, and {why}",
            migration.up.file()
        );
        Err(Error::conflict(message).with_hint(LATE))
    }

    /// Did somebody look at both, and say so in a file that names two parents?
    fn is_reconciled(&self, late: Version, newer: Version) -> bool {
        let mut merges = self
            .chain
            .migrations()
            .iter()
            .filter(|it| it.up.header().parents.len() > 1);
        merges.any(|merge| {
            let history = self.graph.history(merge.version);
            history.contains(&late) && history.contains(&newer)
        }) && !self.graph.history(newer).contains(&late)
    }

    /// Branches that nothing follows together must touch different objects.
    fn branches(&self, wanted: &[&Compared<'_>]) -> Result<Vec<String>, Error> {
        let heads = self.graph.heads(|_| true);
        if heads.len() < 2 || self.lenient {
            return Ok(Vec::new());
        }
        let wanted: BTreeSet<Version> = wanted.iter().map(|it| it.version).collect();
        let histories: Vec<_> = heads.iter().map(|it| self.graph.history(*it)).collect();
        let mut checked = false;
        for (index, one) in histories.iter().enumerate() {
            for other in histories.iter().skip(index + 1) {
                for mine in one.difference(other) {
                    for yours in other.difference(one) {
                        if wanted.contains(mine) || wanted.contains(yours) {
                            self.check_side_by_side(*mine, *yours)?;
                            checked = true;
                        }
                    }
                }
            }
        }
        let heads: Vec<_> = heads.iter().map(Version::to_string).collect();
        let note = format!(
            "{} heads, {}: their branches touch different objects",
            heads.len(),
            heads.join(" and ")
        );
        Ok(if checked { vec![note] } else { Vec::new() })
    }

    fn check_side_by_side(&self, one: Version, other: Version) -> Result<(), Error> {
        let pair = self.chain.get(one).zip(self.chain.get(other));
        let Some((why, one, other)) =
            pair.and_then(|(one, other)| Some((overlap(one, other)?, one, other)))
        else {
            return Ok(());
        };
        let message = format!(
            "two heads: {} and {} stand side by side, and {why}",
            one.up.file(),
            other.up.file()
        );
        let heads = self.graph.heads(|_| true);
        let parents: Vec<_> = heads.iter().map(Version::to_string).collect();
        Err(Error::conflict(message).with_hint(format!(
            "look at what the two do together, then write a migration that follows both: `underpin migrate new merge \
             --empty`, with `-- underpin: parent={}` at its top; or go ahead with --out-of-order",
            parents.join(",")
        )))
    }
}

const LATE: &str = "give the file a later version, so that every database applies it in the same order; or apply it \
     late with --out-of-order";

/// Why the order of two migrations may matter; None when they touch different objects.
fn overlap(one: &Migration, other: &Migration) -> Option<String> {
    let unknown = |it: &Migration| {
        Some(format!(
            "what {} touches only running it would tell",
            it.up.file()
        ))
    };
    let Some(mine) = touched(one) else {
        return unknown(one);
    };
    let Some(yours) = touched(other) else {
        return unknown(other);
    };
    let shared: Vec<&str> = mine.shared(&yours).collect();
    let more = match shared.len().saturating_sub(SHOWN_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown = shared.get(..SHOWN_MAX).unwrap_or(&shared).join(", ");
    (!shared.is_empty()).then(|| format!("both touch {shown}{more}"))
}

fn touched(migration: &Migration) -> Option<Touched> {
    if migration.up.work().is_some() {
        return None;
    }
    let mut all = Touched::default();
    for statement in migration.up.statements().ok()? {
        all.add(statement.touches()?);
    }
    Some(all)
}
