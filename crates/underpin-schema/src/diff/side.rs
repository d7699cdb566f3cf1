//! One of the two schemas, by what its things are known by.

use super::needs;
use crate::create::{Thing, all_things, parts};
use crate::{Catalog, DefaultPrivilegesKey, Object, Part, QualifiedName};
use std::collections::{BTreeMap, BTreeSet};

/// What a thing is known by on both sides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    /// The thing that makes an object.
    Object(Object),
    /// A partition's place in its table.
    Attach(QualifiedName),
    /// The place of a partition's index in that of its table.
    AttachIndex(QualifiedName),
    /// A table's place below another.
    Inherit(QualifiedName, QualifiedName),
    /// What a table has beside columns, constraints and indexes.
    Settings(QualifiedName),
    /// The column a sequence goes with.
    Ownership(QualifiedName),
    /// Privileges of objects made later.
    DefaultPrivileges(DefaultPrivilegesKey),
}

/// A schema with what its things need.
pub(super) struct Side<'a> {
    pub(super) catalog: &'a Catalog,
    /// In the order in which they are made when nothing else matters.
    pub(super) keys: Vec<Key>,
    things: BTreeMap<Key, Thing<'a>>,
    needs: BTreeMap<Key, BTreeSet<Key>>,
    needed_by: BTreeMap<Key, BTreeSet<Key>>,
    /// A part of a partition or a child, the part of the parent that it comes from, and the place of the child there.
    follows: BTreeMap<Key, (Key, Key)>,
    followed_by: BTreeMap<Key, BTreeSet<Key>>,
}

impl<'a> Side<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        let mut side = Self {
            catalog,
            keys: Vec::new(),
            things: BTreeMap::new(),
            needs: BTreeMap::new(),
            needed_by: BTreeMap::new(),
            follows: BTreeMap::new(),
            followed_by: BTreeMap::new(),
        };
        for thing in all_things(&catalog.schema) {
            let table = match &thing {
                Thing::Table(table) => Some(*table),
                _ => None,
            };
            side.add(thing);
            if let Some(table) = table {
                for column in &table.columns {
                    side.add(Thing::Column(table, column));
                }
                for parent in &table.inherits {
                    side.add(Thing::Inherit(table, parent));
                }
            }
        }
        for part in parts(&catalog.schema).into_iter().filter(|it| it.is_taken) {
            side.add(Thing::AttachIndex(part));
        }
        needs::connect(&mut side);
        side
    }

    fn add(&mut self, thing: Thing<'a>) {
        let key = key(&thing);
        self.keys.push(key.clone());
        self.things.insert(key, thing);
    }

    pub(super) fn thing(&self, key: &Key) -> Option<&Thing<'a>> {
        self.things.get(key)
    }

    pub(super) fn has(&self, key: &Key) -> bool {
        self.things.contains_key(key)
    }

    pub(super) fn things(&self) -> impl Iterator<Item = (&Key, &Thing<'a>)> {
        self.things.iter()
    }

    /// The thing that an object is, or is a part of.
    pub(super) fn find(&self, object: &Object) -> Option<Key> {
        let exact = Key::Object(object.clone());
        if self.has(&exact) {
            return Some(exact);
        }
        if let Object::Default(part) = object {
            return self.find(&Object::Column(part.clone()));
        }
        let name = object.whole()?;
        let wholes = [
            Object::Table(name.clone()),
            Object::View(name.clone()),
            Object::MaterialisedView(name.clone()),
            Object::Type(name.clone()),
        ];
        wholes
            .map(Key::Object)
            .into_iter()
            .find(|key| self.has(key))
    }

    /// An index of a table, or the key that rests on it.
    pub(super) fn index(&self, table: &QualifiedName, name: &QualifiedName) -> Option<Key> {
        let constraint = Object::Constraint(Part::new(table.clone(), &name.name));
        let keys = [Object::Index(name.clone()), constraint].map(Key::Object);
        keys.into_iter().find(|key| self.has(key))
    }

    /// Notes that one thing needs another, if both are there.
    pub(super) fn connect(&mut self, dependant: &Key, needed: &Key) {
        if dependant == needed || !self.has(dependant) || !self.has(needed) {
            return;
        }
        let needs = self.needs.entry(dependant.clone()).or_default();
        needs.insert(needed.clone());
        let needed_by = self.needed_by.entry(needed.clone()).or_default();
        needed_by.insert(dependant.clone());
    }

    pub(super) fn follow(&mut self, part: Key, whole: Key, place: Key) {
        let parts = self.followed_by.entry(whole.clone()).or_default();
        parts.insert(part.clone());
        self.follows.insert(part, (whole, place));
    }

    /// What a thing directly needs.
    pub(super) fn needs(&self, key: &Key) -> impl Iterator<Item = &Key> {
        self.needs.get(key).into_iter().flatten()
    }

    /// What directly needs a thing.
    pub(super) fn needed_by(&self, key: &Key) -> impl Iterator<Item = &Key> {
        self.needed_by.get(key).into_iter().flatten()
    }

    pub(super) fn is_needed_for(&self, needed: &Key, dependant: &Key) -> bool {
        self.needs
            .get(dependant)
            .is_some_and(|all| all.contains(needed))
    }

    /// The part of the parent that a part comes from.
    pub(super) fn followed(&self, part: &Key) -> Option<&Key> {
        self.follows.get(part).map(|(whole, _)| whole)
    }

    /// The place below its parent, by which a part comes from the parent's.
    pub(super) fn place(&self, part: &Key) -> Option<&Key> {
        self.follows.get(part).map(|(_, place)| place)
    }

    /// The parts of partitions and children that come from a part.
    pub(super) fn followers(&self, whole: &Key) -> impl Iterator<Item = &Key> {
        self.followed_by.get(whole).into_iter().flatten()
    }
}

fn key(thing: &Thing<'_>) -> Key {
    match thing {
        Thing::Attach(table, _) => Key::Attach(table.name.clone()),
        Thing::AttachIndex(it) => Key::AttachIndex(it.part.clone()),
        Thing::Inherit(table, parent) => Key::Inherit(table.name.clone(), (*parent).clone()),
        Thing::TableSettings(table) => Key::Settings(table.name.clone()),
        Thing::Ownership(sequence) => Key::Ownership(sequence.name.clone()),
        Thing::DefaultPrivileges(it) => Key::DefaultPrivileges(it.key.clone()),
        main => Key::Object(main.object()),
    }
}
