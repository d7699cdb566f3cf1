//! What a change destroys.

use super::Allowed;
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
        let (rule, loses) = match (&change.kind, &change.object) {
            (ChangeKind::Drop, Object::Table(name)) => {
                ("ban-drop-table", format!("all rows of {name}"))
            }
            (ChangeKind::Drop, Object::Column(part)) => {
                ("ban-drop-column", format!("all values of {part}"))
            }
            (ChangeKind::ReplaceColumn(part), _) => {
                let column = from.schema.tables.get(&part.of)?.columns.get(&part.name)?;
                if column.generated.is_some() {
                    return None;
                }
                ("ban-drop-column", format!("all values of {part}"))
            }
            (ChangeKind::Drop, Object::Sequence(name)) => {
                ("ban-drop-sequence", format!("where {name} has counted to"))
            }
            (ChangeKind::Drop | ChangeKind::Release, Object::Extension(name)) => (
                "ban-drop-extension",
                format!("everything that extension {name} made"),
            ),
            _ => return None,
        };
        Some(Self { rule, loses })
    }

    /// Was it allowed?
    #[must_use]
    pub fn is_allowed(&self, allowed: &Allowed) -> bool {
        allowed.all || allowed.rules.iter().any(|rule| rule.name == self.rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint;
    use underpin_schema::{Part, QualifiedName};

    #[test]
    fn every_hazard_has_a_rule_that_allows_it() {
        let name = || QualifiedName::new("public", "a");
        for object in [
            Object::Table(name()),
            Object::Column(Part::new(name(), "b")),
            Object::Sequence(name()),
            Object::Extension(String::from("a")),
        ] {
            let change = Change {
                object,
                kind: ChangeKind::Drop,
                statements: Vec::new(),
            };
            let hazard = Hazard::of(&change, &Catalog::default()).expect("something is lost");
            let rules = lint::rule(hazard.rule).expect("a rule of lint");
            let mut allowed = Allowed::default();
            assert!(!hazard.is_allowed(&allowed));
            allowed.rules = rules;
            assert!(hazard.is_allowed(&allowed));
        }
    }
}
