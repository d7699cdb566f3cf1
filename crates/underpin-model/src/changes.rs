//! What differs between two values of a model, and a model as JSON.

use crate::{Error, Fault, FaultKind, Field, Insert, Model, Table};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as JsonValue};

/// What stands for the value of a private column.
const PRIVATE: &str = "[private]";

/// The fields that differ between two values of a model: the basis of an audit log.
///
/// As JSON: `{"title": {"old": "first", "new": "second"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes(Vec<Change>);

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The field's name.
    #[serde(skip)]
    pub field: &'static str,
    /// Its value before; of a private column a text that says so.
    pub old: JsonValue,
    /// Its value after.
    pub new: JsonValue,
}

impl Changes {
    /// What differs. What every write moves by itself (time of change, who changed it, version) is left out.
    pub(crate) fn between<M: Model>(old: &M, new: &M) -> Self {
        let values = old.values().into_iter().zip(new.values());
        let changes = M::TABLE
            .columns
            .iter()
            .zip(values)
            .filter_map(|(field, (old, new))| {
                let (old, new) = (old.to_json(), new.to_json());
                if is_bookkeeping(field) || old == new {
                    return None;
                }
                let shown = |value| {
                    if field.private {
                        JsonValue::from(PRIVATE)
                    } else {
                        value
                    }
                };
                Some(Change {
                    field: field.field,
                    old: shown(old),
                    new: shown(new),
                })
            });
        Self(changes.collect())
    }

    /// Does nothing differ?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names of the fields that differ.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|change| change.field)
    }

    /// The fields that differ, in the order of the model.
    pub fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.0.iter()
    }

    /// How a field differs.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Change> {
        self.0.iter().find(|change| change.field == field)
    }
}

fn is_bookkeeping(field: &Field) -> bool {
    field.version
        || matches!(
            (field.name, field.insert),
            ("updated_at", Insert::Never) | ("updated_by", Insert::Actor)
        )
}

impl<'a> IntoIterator for &'a Changes {
    type Item = &'a Change;
    type IntoIter = std::slice::Iter<'a, Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Changes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for change in self {
            map.serialize_entry(change.field, change)?;
        }
        map.end()
    }
}

/// Which fields a map shows. Private ones are never shown.
#[derive(Debug, Clone, Copy, Default)]
pub enum Fields<'a> {
    /// All.
    #[default]
    All,
    /// Only these.
    Only(&'a [&'a str]),
    /// All but these.
    Without(&'a [&'a str]),
}

impl Fields<'_> {
    /// A name that the model does not have is an error, or a private field would go unnoticed that was renamed.
    fn check(self, table: &'static Table) -> Result<(), Error> {
        let (Self::Only(names) | Self::Without(names)) = self else {
            return Ok(());
        };
        let is_known = |name: &&str| table.columns.iter().any(|field| field.field == *name);
        match names.iter().find(|name| !is_known(name)) {
            None => Ok(()),
            Some(unknown) => {
                let kind = FaultKind::UnknownColumn;
                let fault = Fault::new(kind, table.model, Some(unknown), "is no field");
                Err(Error::of(
                    "a map was asked for fields that there are not",
                    fault,
                ))
            }
        }
    }

    fn shows(self, field: &Field) -> bool {
        !field.private
            && match self {
                Self::All => true,
                Self::Only(names) => names.contains(&field.field),
                Self::Without(names) => !names.contains(&field.field),
            }
    }
}

/// A row as JSON: ids, times and exact numbers as text, enums by their labels.
pub(crate) fn to_map<M: Model>(
    row: &M,
    fields: Fields<'_>,
) -> Result<Map<String, JsonValue>, Error> {
    fields.check(M::TABLE)?;
    let shown = M::TABLE.columns.iter().zip(row.values());
    Ok(shown
        .filter(|(field, _)| fields.shows(field))
        .map(|(field, value)| (String::from(field.field), value.to_json()))
        .collect())
}
