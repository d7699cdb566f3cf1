//! What has no facts: told by a fingerprint, so that two of them can be compared and nobody takes them for absent.

use super::fact::fact;
use crate::Object;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

/// An object of a kind that has no facts here, or something of an object that its facts do not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmodelled {
    /// Its kind and its name, as PostgreSQL's `pg_identify_object` tells them, and what of it:
    /// `event trigger audit`, `index public.notes_pkey: comment`.
    pub description: String,
    /// What it belongs to.
    pub belongs_to: Belonging,
    /// The object that it is told of, where it comes and goes with one that has facts.
    #[serde(skip)]
    pub of: Option<Object>,
    /// What it is like.
    #[serde(skip)]
    pub fingerprint: Fingerprint,
}

/// What something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Belonging {
    /// The schema: SQL makes it in any database.
    Schema,
    /// This database or its server, as whoever runs it has set it up: a database for scratch work does not have it.
    Server,
    /// An extension, which makes it wherever it is installed.
    Extension,
}

/// What something without facts is like: equal when PostgreSQL would not tell them apart.
///
/// It holds no values, which may be secret, but numbers made of them; they mean nothing in another process.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// By column of the catalog; None where the role may not read it.
    columns: BTreeMap<String, Option<u64>>,
    /// By name of the part.
    parts: BTreeMap<String, u64>,
}

impl Unmodelled {
    /// Something of the schema.
    #[must_use]
    pub fn new(description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            belongs_to: Belonging::Schema,
            of: None,
            fingerprint: Fingerprint::default(),
        }
    }

    /// Something of the schema that is told by one text.
    #[must_use]
    pub fn of_text(description: impl Into<String>, what: &str, text: &str) -> Self {
        let mut unmodelled = Self::new(description);
        unmodelled.fingerprint.set(what, Some(text));
        unmodelled
    }

    /// Is it there because somebody made it? What extensions make is compared, and not worth telling.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.belongs_to != Belonging::Extension
    }
}

impl Fingerprint {
    /// Takes in the value of a column.
    pub fn set(&mut self, column: &str, value: Option<&str>) {
        self.columns.insert(column.to_owned(), Some(number(value)));
    }

    /// Notes that the role may not read a column.
    pub(crate) fn set_unreadable(&mut self, column: &str) {
        self.columns.insert(column.to_owned(), None);
    }

    /// Takes in a part, such as an operator of an operator family.
    pub(crate) fn add_part(&mut self, name: String, values: &[Option<String>]) {
        self.parts.insert(name, number(values));
    }

    /// The columns and parts in which they differ. What only one of two servers has a column for, and what one of two roles
    /// may not read, makes no difference.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let columns = self.columns.iter().filter(|(name, value)| {
            let both = value.zip(other.columns.get(*name).copied().flatten());
            both.is_some_and(|(here, there)| here != there)
        });
        let here = self.parts.iter().map(|(name, value)| (name, value, other));
        let there = other.parts.iter().map(|(name, value)| (name, value, self));
        let parts = here.chain(there).filter(|(name, value, other)| {
            let other = other.parts.get(*name);
            other != Some(value)
        });
        let mut parts: Vec<&String> = parts.map(|(name, ..)| name).collect();
        parts.sort();
        parts.dedup();
        let columns = columns.map(|(name, _)| name);
        columns.chain(parts).cloned().collect()
    }

    /// The columns that the role may not read.
    pub fn unreadable(&self) -> impl Iterator<Item = &str> {
        let unread = self.columns.iter().filter(|(_, value)| value.is_none());
        unread.map(|(name, _)| name.as_str())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A number can be guessed back to a short value.
        let names = self.columns.keys().chain(self.parts.keys());
        f.debug_set().entries(names).finish()
    }
}

/// The same number for the same value, for as long as the process lives.
fn number(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fact!(Unmodelled, description: String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_side_knows_of_a_column_makes_no_difference() {
        let (mut one, mut other) = (Fingerprint::default(), Fingerprint::default());
        one.set("pubinsert", Some("t"));
        other.set("pubinsert", Some("t"));
        other.set("pubgencols", Some("n"));
        one.set("options", Some("a"));
        other.set_unreadable("options");
        assert_eq!(one.differing(&other), Vec::<String>::new());
        other.set("pubinsert", None);
        assert_eq!(one.differing(&other), ["pubinsert"]);
    }

    #[test]
    fn a_part_that_only_one_side_has_makes_a_difference() {
        let (mut one, mut other) = (Fingerprint::default(), Fingerprint::default());
        one.add_part(String::from("table t"), &[None]);
        assert_eq!(one.differing(&other), ["table t"]);
        assert_eq!(other.differing(&one), ["table t"]);
        other.add_part(String::from("table t"), &[Some(String::from("a > 1"))]);
        assert_eq!(one.differing(&other), ["table t"]);
    }

    #[test]
    fn no_value_is_told() {
        let secret = Unmodelled::of_text("user mapping a on server s", "umoptions", "hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        let json = serde_json::to_string(&secret).expect("JSON");
        assert!(!json.contains("hunter2"), "{json}");
    }
}
