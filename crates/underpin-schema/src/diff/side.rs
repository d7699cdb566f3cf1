//! One of the two schemas, by what its things are known by.

use super::needs;
use crate::create::{Thing, all_things, parts};
use crate::{Catalog, DefaultPrivilegesKey, ExtensionMember, Object, Owners, Part, QualifiedName};
use indexmap::IndexMap;
use std::collections::{BTreeSet, HashMap};

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
    /// What columns of a domain have when nothing is said.
    DomainDefault(QualifiedName),
    /// That an object is dropped with an extension.
    Tie(Object, String),
    /// Privileges on a member of an extension.
    Member(ExtensionMember),
}

/// A schema with what its things need.
pub(super) struct Side<'a> {
    pub(super) catalog: &'a Catalog,
    /// Who owns what, or is to own it.
    pub(super) owners: &'a Owners,
    /// In the order in which they are made when nothing else matters.
    things: IndexMap<Key, Thing<'a>>,
    /// By place among the things.
    needs: Vec<BTreeSet<usize>>,
    needed_by: Vec<BTreeSet<usize>>,
    /// A part of a partition or a child, the part of the parent that it comes from, and the place of the child there.
    follows: HashMap<Key, (Key, Key)>,
    followed_by: HashMap<Key, BTreeSet<Key>>,
}

impl<'a> Side<'a> {
    pub(super) fn new(catalog: &'a Catalog, owners: &'a Owners) -> Self {
        let mut side = Self {
            catalog,
            owners,
            things: IndexMap::new(),
            needs: Vec::new(),
            needed_by: Vec::new(),
            follows: HashMap::new(),
            followed_by: HashMap::new(),
        };
        for thing in all_things(&catalog.schema) {
            let table = match &thing {
                Thing::Table(table) => Some(*table),
                _ => None,
            };
            let domain = match &thing {
                Thing::Domain(domain) => Some(*domain),
                _ => None,
            };
            side.add(thing);
            if let Some(domain) = domain {
                if domain.default.is_some() {
                    side.add(Thing::DomainDefault(domain));
                }
                for check in &domain.checks {
                    side.add(Thing::DomainCheck(domain, check));
                }
            }
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
        side.needs.resize_with(side.things.len(), BTreeSet::new);
        side.needed_by.resize_with(side.things.len(), BTreeSet::new);
        needs::connect(&mut side);
        side
    }

    fn add(&mut self, thing: Thing<'a>) {
        self.things.insert(key(&thing), thing);
    }

    /// In the order in which they are made when nothing else matters.
    pub(super) fn keys(&self) -> impl DoubleEndedIterator<Item = &Key> {
        self.things.keys()
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

    /// The place of what a key stands for.
    pub(super) fn position(&self, key: &Key) -> Option<usize> {
        self.things.get_index_of(key)
    }

    /// The place of the thing that an object is, or is a part of.
    pub(super) fn find(&self, object: &Object) -> Option<usize> {
        let place = |object: Object| self.position(&Key::Object(object));
        if let Some(exact) = place(object.clone()) {
            return Some(exact);
        }
        if let Object::Default(part) = object {
            return self.find(&Object::Column(part.clone()));
        }
        let name = object.whole()?;
        place(Object::Table(name.clone()))
            .or_else(|| place(Object::View(name.clone())))
            .or_else(|| place(Object::MaterialisedView(name.clone())))
            .or_else(|| place(Object::Type(name.clone())))
    }

    /// An index of a table, or the key that rests on it.
    pub(super) fn index(&self, table: &QualifiedName, name: &QualifiedName) -> Option<Key> {
        let constraint = Object::Constraint(Part::new(table.clone(), &name.name));
        let keys = [Object::Index(name.clone()), constraint].map(Key::Object);
        keys.into_iter().find(|key| self.has(key))
    }

    /// Notes that the thing at one place needs that at another.
    pub(super) fn connect(&mut self, dependant: usize, needed: usize) {
        if dependant != needed {
            self.needs[dependant].insert(needed);
            self.needed_by[needed].insert(dependant);
        }
    }

    pub(super) fn follow(&mut self, part: Key, whole: Key, place: Key) {
        let parts = self.followed_by.entry(whole.clone()).or_default();
        parts.insert(part.clone());
        self.follows.insert(part, (whole, place));
    }

    /// What a thing directly needs.
    pub(super) fn needs(&self, key: &Key) -> impl Iterator<Item = &Key> {
        self.beside(key, &self.needs)
    }

    /// What directly needs a thing.
    pub(super) fn needed_by(&self, key: &Key) -> impl Iterator<Item = &Key> {
        self.beside(key, &self.needed_by)
    }

    fn beside<'s>(
        &'s self,
        key: &Key,
        all: &'s [BTreeSet<usize>],
    ) -> impl Iterator<Item = &'s Key> {
        let places = self.position(key).map(|place| &all[place]);
        let places = places.into_iter().flatten();
        places.filter_map(|place| self.key(*place))
    }

    pub(super) fn key(&self, place: usize) -> Option<&Key> {
        self.things.get_index(place).map(|(key, _)| key)
    }

    pub(super) fn is_needed_for(&self, needed: &Key, dependant: &Key) -> bool {
        let places = self.position(dependant).zip(self.position(needed));
        places.is_some_and(|(dependant, needed)| self.needs[dependant].contains(&needed))
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
        Thing::DomainDefault(it) => Key::DomainDefault(it.name.clone()),
        Thing::Tie(it) => Key::Tie(it.tie.0.clone(), it.tie.1.clone()),
        Thing::Member(it) => Key::Member(it.key.clone()),
        main => Key::Object(main.object()),
    }
}
