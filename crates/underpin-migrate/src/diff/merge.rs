//! Columns that are added or dropped one after the other share a statement: one lock, one pass.

use super::route::Step;

/// Joins neighbours.
pub(super) fn merge(steps: Vec<Step>) -> Vec<Step> {
    let mut merged: Vec<Step> = Vec::new();
    for step in steps {
        match merged.last_mut().and_then(|last| joined(last, &step)) {
            Some(sql) => {
                if let Some(last) = merged.last_mut() {
                    *last = Step {
                        sql,
                        notes: [last.notes.clone(), step.notes].concat(),
                        ..last.clone()
                    };
                }
            }
            None => merged.push(step),
        }
    }
    merged
}

/// One statement for two; None when they are better left apart: each loss is told by itself.
fn joined(last: &Step, next: &Step) -> Option<String> {
    let apart = |step: &Step| step.hazard.is_some() || step.demand.is_some();
    if apart(last) || apart(next) {
        return None;
    }
    let (table, _) = split(&last.sql)?;
    let (same, action) = split(&next.sql)?;
    (table == same).then(|| format!("{},\n    {action}", last.sql))
}

/// The table and the action of a statement that adds a column.
fn split(sql: &str) -> Option<(&str, &str)> {
    let rest = sql.strip_prefix("ALTER TABLE ")?;
    let (table, _) = rest.split_once(" ADD COLUMN ")?;
    Some((table, &rest[table.len() + 1..]))
}
