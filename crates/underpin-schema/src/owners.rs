//! Who owns what.

use crate::Object;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The owners of objects, as far as somebody knows them: a live database does, files and models do not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owners {
    reader: Option<String>,
    all: BTreeMap<Object, String>,
}

impl Owners {
    /// No owner yet. What belongs to `reader` is made by it, so that no statement has to say so.
    #[must_use]
    pub fn read_by(reader: Option<String>) -> Self {
        let all = BTreeMap::new();
        Self { reader, all }
    }

    /// Notes the owner of an object.
    pub fn insert(&mut self, object: Object, owner: String) {
        self.all.insert(object, owner);
    }

    /// The owner of an object.
    #[must_use]
    pub fn of(&self, object: &Object) -> Option<&str> {
        self.all.get(object).map(String::as_str)
    }

    /// The role that read them.
    #[must_use]
    pub fn reader(&self) -> Option<&str> {
        self.reader.as_deref()
    }

    /// Is none known?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Object, &str)> {
        self.all
            .iter()
            .map(|(object, owner)| (object, owner.as_str()))
    }

    /// As if another role had read them.
    #[must_use]
    pub fn with_reader(&self, reader: Option<&str>) -> Self {
        Self {
            reader: reader.map(str::to_owned),
            all: self.all.clone(),
        }
    }

    /// Only the owners that a statement has given: in a temporary database everything else belongs to whoever filled it,
    /// which says nothing.
    #[must_use]
    pub fn given(mut self) -> Self {
        let reader = self.reader.take();
        self.all.retain(|_, owner| Some(&*owner) != reader.as_ref());
        self
    }

    /// The objects whose owners both know, and that have not the same owner: the object, its owner here and there.
    pub fn differing<'o>(
        &'o self,
        other: &'o Self,
    ) -> impl Iterator<Item = (&'o Object, &'o str, &'o str)> {
        let known = self
            .iter()
            .filter_map(|(object, owner)| Some((object, owner, other.of(object)?)));
        known.filter(|(_, here, there)| here != there)
    }

    /// The owner that a statement has to name when an object is made.
    pub(crate) fn named(&self, object: &Object) -> Option<&str> {
        self.of(object)
            .filter(|owner| Some(*owner) != self.reader())
    }

    /// The owners that objects are to have after a change: those of the target where it knows them. Where it does not,
    /// objects that were there keep their owners, and new ones belong to whoever makes them.
    pub(crate) fn after(
        before: &Self,
        target: &Self,
        is_kept: impl Fn(&Object) -> bool,
        is_new: impl Fn(&Object) -> bool,
    ) -> Self {
        let mut wanted = Self::read_by(target.reader.clone());
        for (object, owner) in before.iter().filter(|(object, _)| is_kept(object)) {
            let owner = target.of(object).unwrap_or(owner);
            wanted.insert(object.clone(), owner.to_owned());
        }
        for object in target.all.keys().filter(|object| is_new(object)) {
            if let Some(owner) = target.named(object) {
                wanted.insert(object.clone(), owner.to_owned());
            }
        }
        wanted
    }
}

impl Serialize for Owners {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
