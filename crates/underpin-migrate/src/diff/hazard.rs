//! What a change destroys.

use super::Allowed;
use serde::Serialize;
use underpin_schema::{Catalog, Change, ChangeKind, Object, Part, QualifiedName, quote_identifier};

/// What a step destroys, unless it is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    /// The lint rule that tells about it, as `--allow` takes it.
    pub rule: &'static str,
    /// What is lost; with its number when a live database was asked.
    pub loses: String,
    /// What can be counted of it.
    #[serde(skip)]
    pub(super) countable: Option<Countable>,
}

/// What can be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Countable {
    Rows(QualifiedName),
    Values(Part),
}

impl Countable {
    pub(super) fn table(&self) -> &QualifiedName {
        match self {
            Self::Rows(table) => table,
            Self::Values(part) => &part.of,
        }
    }

    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::Rows(_) => None,
            Self::Values(part) => Some(&part.name),
        }
    }

    /// The query for the number.
    pub(super) fn sql(&self) -> String {
        match self {
            Self::Rows(table) => format!("SELECT count(*) FROM {table}"),
            Self::Values(part) => {
                format!(
                    "SELECT count({}) FROM {}",
                    quote_identifier(&part.name),
                    part.of
                )
            }
        }
    }

    /// What is lost, as far as it is known.
    pub(super) fn loses(&self, count: Option<i64>) -> String {
        let what = match self {
            Self::Rows(table) => format!("rows of {table}"),
            Self::Values(part) => format!("values of {part}"),
        };
        match count {
            Some(count) => format!("{count} {what}"),
            None => format!("all {what}"),
        }
    }
}

impl Hazard {
    /// The hazard of a change.
    pub(super) fn of(change: &Change, from: &Catalog) -> Option<Self> {
        let counted = |rule, countable: Countable| {
            Some(Self {
                rule,
                loses: countable.loses(None),
                countable: Some(countable),
            })
        };
        let (rule, loses) = match (&change.kind, &change.object) {
            (ChangeKind::Drop, Object::Table(name)) => {
                return counted("ban-drop-table", Countable::Rows(name.clone()));
            }
            (ChangeKind::Drop, Object::Column(part)) => {
                return counted("ban-drop-column", Countable::Values(part.clone()));
            }
            (ChangeKind::ReplaceColumn(part), _) => {
                let column = from.schema.tables.get(&part.of)?.columns.get(&part.name)?;
                if column.generated.is_some() {
                    return None;
                }
                return counted("ban-drop-column", Countable::Values(part.clone()));
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
        Some(Self {
            rule,
            loses,
            countable: None,
        })
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
