//! What depends on what.

use crate::Object;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What depends on what, as PostgreSQL knows it. The bodies of functions written as strings are unknown to it.
///
/// That a part depends on its whole, and that an owned sequence goes with its column, is told by the facts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Dependencies(BTreeMap<Object, BTreeSet<Object>>);

impl Dependencies {
    /// Notes that `dependant` cannot be without `needed`.
    pub fn insert(&mut self, dependant: Object, needed: Object) {
        if dependant != needed {
            self.0.entry(dependant).or_default().insert(needed);
        }
    }

    /// What an object directly needs, in order.
    pub fn of(&self, object: &Object) -> impl Iterator<Item = &Object> {
        self.0.get(object).into_iter().flatten()
    }

    /// What directly needs an object, in order.
    pub fn on(&self, object: &Object) -> impl Iterator<Item = &Object> {
        let needing = self
            .0
            .iter()
            .filter(move |(_, needed)| needed.contains(object));
        needing.map(|(dependant, _)| dependant)
    }

    /// All pairs of a dependant and what it needs, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Object, &Object)> {
        let all = self.0.iter();
        all.flat_map(|(dependant, needed)| needed.iter().map(move |object| (dependant, object)))
    }
}
