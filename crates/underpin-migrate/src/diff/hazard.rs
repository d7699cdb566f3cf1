//! What a change destroys.

use super::Allowed;
use crate::lint::{self, Rule};
use serde::Serialize;
use underpin_schema::{Catalog, Change, ChangeKind, Object};

/// What a step destroys, unless it is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    /// The lint rule that tells about it, as `--allow` takes it.
    pub rule: &'static str,
    /// What is lost.
    pub loses: String,
}

impl Hazard {
    /// The hazard of a change.
    pub(super) fn of(change: &Change, from: &Catalog) -> Option<Self> {
        let (number, loses) = match (&change.kind, &change.object) {
            (ChangeKind::Drop, Object::Table(name)) => (30, format!("all rows of {name}")),
            (ChangeKind::Drop, Object::Column(part)) => (18, format!("all values of {part}")),
            (ChangeKind::ReplaceColumn(part), _) => {
                let column = from.schema.tables.get(&part.of)?.columns.get(&part.name)?;
                if column.generated.is_some() {
                    return None;
                }
                (18, format!("all values of {part}"))
            }
            (ChangeKind::Drop, Object::Sequence(name)) => {
                (43, format!("where {name} has counted to"))
            }
            (ChangeKind::Drop | ChangeKind::Release, Object::Extension(name)) => {
                (47, format!("everything that extension {name} made"))
            }
            _ => return None,
        };
        let rule = lint::rules().find(|rule| rule.numbers.contains(&number))?;
        let rule = rule.name;
        Some(Self { rule, loses })
    }

    /// Was it allowed?
    #[must_use]
    pub fn is_allowed(&self, allowed: &Allowed) -> bool {
        let is_named = |rule: &&Rule| {
            let own = lint::rules().find(|it| it.name == self.rule);
            rule.name == self.rule
                || own.is_some_and(|own| own.numbers.iter().any(|it| rule.numbers.contains(it)))
        };
        allowed.all || allowed.rules.iter().any(is_named)
    }
}
