//! A set of facts, each found by its own key.

use serde::{Serialize, Serializer};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt::Debug;

/// Something that is known by a name within its surroundings.
pub trait Fact {
    /// What it is known by.
    type Key: Ord + Clone + Debug;

    /// Its name, which is also its place in [`Facts`].
    fn key(&self) -> &Self::Key;
}

/// Facts of one kind, in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts<T: Fact>(BTreeMap<T::Key, T>);

impl<T: Fact> Facts<T> {
    /// Adds a fact and gives back the one of the same key that it takes the place of.
    pub fn insert(&mut self, fact: T) -> Option<T> {
        self.0.insert(fact.key().clone(), fact)
    }

    /// The fact of this key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&T>
    where
        T::Key: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// The fact of this key, to be changed in everything but its key.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut T>
    where
        T::Key: Borrow<Q>,
    {
        self.0.get_mut(key)
    }

    /// Takes the fact of this key out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<T>
    where
        T::Key: Borrow<Q>,
    {
        self.0.remove(key)
    }

    /// Is there a fact of this key?
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        T::Key: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// All of them, in the order of their keys.
    pub fn iter(&self) -> btree_map::Values<'_, T::Key, T> {
        self.0.values()
    }

    /// All of them, to be changed in everything but their keys.
    pub fn iter_mut(&mut self) -> btree_map::ValuesMut<'_, T::Key, T> {
        self.0.values_mut()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Fact> Default for Facts<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Fact> Extend<T> for Facts<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, facts: I) {
        for fact in facts {
            self.insert(fact);
        }
    }
}

impl<T: Fact> FromIterator<T> for Facts<T> {
    fn from_iter<I: IntoIterator<Item = T>>(facts: I) -> Self {
        let mut all = Self::default();
        all.extend(facts);
        all
    }
}

impl<T: Fact> IntoIterator for Facts<T> {
    type Item = T;
    type IntoIter = btree_map::IntoValues<T::Key, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_values()
    }
}

impl<'a, T: Fact> IntoIterator for &'a Facts<T> {
    type Item = &'a T;
    type IntoIter = btree_map::Values<'a, T::Key, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Fact + Serialize> Serialize for Facts<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// `fact!(Table, name: QualifiedName)`: the field that is the key.
macro_rules! fact {
    ($type:ty, $field:ident: $key:ty) => {
        impl crate::facts::Fact for $type {
            type Key = $key;

            fn key(&self) -> &$key {
                &self.$field
            }
        }
    };
}
pub(crate) use fact;
