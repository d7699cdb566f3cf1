//! What a change destroys.

use super::Allowed;
use super::access;
use super::cast::{Harm, harm, lost_labels, survives};
use crate::sql::{Effect, parse};
use serde::Serialize;
use std::sync::Arc;
use underpin_schema::{
    Catalog, Change, ChangeKind, Object, Part, QualifiedName, quote_identifier, quote_literal,
};

/// What a step destroys, unless it is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    /// The lint rule that tells about it, as `--allow` takes it.
    pub rule: &'static str,
    /// Is it lost, or does the statement fail on it?
    pub harm: Harm,
    /// What is lost or fails, with its number when a live database was asked; or who could do what before, and who can after.
    pub loses: String,
    /// Is nothing lost, but somebody may do more or less than before?
    pub is_access: bool,
    /// What can be counted of it.
    #[serde(skip)]
    pub(super) countable: Option<Countable>,
}

/// What can be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Countable {
    Rows(QualifiedName),
    Values(Part),
    /// Values that do not fit another type, which this expression makes of them.
    Misfits {
        part: Part,
        to: String,
        using: Option<String>,
    },
    /// Values of an enum that has these labels no more.
    Labels {
        part: Part,
        labels: Vec<String>,
    },
}

impl Countable {
    pub(super) fn table(&self) -> &QualifiedName {
        match self {
            Self::Rows(table) => table,
            Self::Values(part) | Self::Misfits { part, .. } | Self::Labels { part, .. } => &part.of,
        }
    }

    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::Rows(_) => None,
            Self::Values(part) | Self::Misfits { part, .. } | Self::Labels { part, .. } => {
                Some(&part.name)
            }
        }
    }

    /// The query for the number; none where it takes more than a query.
    pub(super) fn sql(&self) -> Option<String> {
        let count = |what: &str, of: &QualifiedName| format!("SELECT count({what}) FROM {of}");
        Some(match self {
            Self::Rows(table) => count("*", table),
            Self::Values(part) => count(&quote_identifier(&part.name), &part.of),
            Self::Labels { part, labels } => {
                let labels: Vec<_> = labels.iter().map(|it| quote_literal(it)).collect();
                let column = quote_identifier(&part.name);
                // Of an array its text is looked at: a label inside is enough.
                format!(
                    "{} WHERE ARRAY[{}] && string_to_array(trim({column}::text, '{{}}'), ',')",
                    count("*", &part.of),
                    labels.join(", ")
                )
            }
            Self::Misfits { .. } => return None,
        })
    }

    /// What is lost, as far as it is known.
    pub(super) fn loses(&self, count: Option<i64>) -> String {
        let (s, do_not, are) = match count {
            Some(1) => ("", "does not", "is"),
            _ => ("s", "do not", "are"),
        };
        let what = match self {
            Self::Rows(table) => format!("row{s} of {table}"),
            Self::Values(part) => format!("value{s} of {part}"),
            Self::Misfits { part, to, .. } => format!("value{s} of {part} that {do_not} fit {to}"),
            Self::Labels { part, labels } => {
                format!("value{s} of {part} that {are} {}", labels.join(" or "))
            }
        };
        match (count, self) {
            (Some(count), _) => format!("{count} {what}"),
            (None, Self::Rows(_) | Self::Values(_)) => format!("all {what}"),
            (None, _) => what,
        }
    }
}

impl Hazard {
    /// The hazard of a change.
    pub(super) fn of(change: &Change, sides: (&Catalog, &Catalog)) -> Option<Self> {
        let from = sides.0;
        let counted = |(rule, harm), countable: Countable| {
            Some(Self {
                rule,
                harm,
                loses: countable.loses(None),
                is_access: false,
                countable: Some(countable),
            })
        };
        let (rule, loses) = match (&change.kind, &change.object) {
            (ChangeKind::Drop, Object::Table(name)) => {
                return counted(
                    ("ban-drop-table", Harm::Loses),
                    Countable::Rows(name.clone()),
                );
            }
            (ChangeKind::Drop, Object::Column(part)) => {
                return counted(
                    ("ban-drop-column", Harm::Loses),
                    Countable::Values(part.clone()),
                );
            }
            (ChangeKind::ReplaceColumn(part), _) => {
                let column = from.schema.tables.get(&part.of)?.columns.get(&part.name)?;
                if column.generated.is_some() {
                    return None;
                }
                return counted(
                    ("ban-drop-column", Harm::Loses),
                    Countable::Values(part.clone()),
                );
            }
            (ChangeKind::ChangeType(part, _), _) => {
                let (rule, harm, countable) = cast(change, part, sides)?;
                return counted((rule, harm), countable);
            }
            (ChangeKind::Drop, Object::Sequence(name)) => {
                ("ban-drop-sequence", format!("where {name} has counted to"))
            }
            (ChangeKind::Drop | ChangeKind::Release, Object::Extension(name)) => (
                "ban-drop-extension",
                format!("everything that extension {name} made"),
            ),
            (ChangeKind::Access | ChangeKind::Create, _) => {
                let (rule, loses) = access::change(change, sides)?;
                return Some(Self {
                    rule,
                    harm: Harm::Loses,
                    loses,
                    is_access: true,
                    countable: None,
                });
            }
            _ => return None,
        };
        Some(Self {
            rule,
            harm: Harm::Loses,
            loses,
            is_access: false,
            countable: None,
        })
    }

    /// What happens, for a sentence that begins with "this would".
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self.is_access {
            true => Self::ACCESS,
            false => self.harm.verb(),
        }
    }

    /// The verb of what changes access.
    pub(super) const ACCESS: &'static str = "change who may do what,";

    /// Was it allowed?
    #[must_use]
    pub fn is_allowed(&self, allowed: &Allowed) -> bool {
        allowed.all || allowed.rules.iter().any(|rule| rule.name == self.rule)
    }
}

/// What a change of type loses: the rule that tells about it, whether it fails instead, and what can be counted.
fn cast(
    change: &Change,
    part: &Part,
    sides: (&Catalog, &Catalog),
) -> Option<(&'static str, Harm, Countable)> {
    let column = |catalog: &'_ Catalog| {
        let table = catalog.schema.tables.get(&part.of)?;
        table.columns.get(&part.name).cloned()
    };
    let (old, new) = (column(sides.0)?, column(sides.1)?);
    if new.generated.is_some() {
        return None;
    }
    let part = part.clone();
    if let Some(labels) = lost_labels(&old, &new, sides) {
        let is_lost = !labels.is_empty();
        let countable = Countable::Labels { part, labels };
        return is_lost.then_some(("removing-enum-value", Harm::Fails, countable));
    }
    if survives(&old, &new, sides) {
        return None;
    }
    let statement = change.statements.first()?;
    let parsed = parse(&Arc::from("plan"), statement).unwrap_or_default();
    let using = match parsed.first()?.effect() {
        Effect::Takes(it) => it.types.into_iter().next().and_then(|it| it.using),
        _ => None,
    };
    let to = new.data_type.clone();
    Some((
        "changing-column-type",
        harm(&old, &new, sides, using.is_some()),
        Countable::Misfits { part, to, using },
    ))
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
            let hazard = Hazard::of(&change, (&Catalog::default(), &Catalog::default()))
                .expect("something is lost");
            let rules = lint::rule(hazard.rule).expect("a rule of lint");
            let mut allowed = Allowed::default();
            assert!(!hazard.is_allowed(&allowed));
            allowed.rules = rules;
            assert!(hazard.is_allowed(&allowed));
        }
    }
}
