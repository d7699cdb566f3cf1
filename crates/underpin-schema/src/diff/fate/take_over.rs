//! Unique indexes that become keys, and keys whose names indexes take.

use super::{Fate, Fates};
use crate::create::{Thing, is_index_of_key};
use crate::diff::side::{Key, Side};
use crate::{Constraint, Index, Object, Origin, Part, ReplicaIdentity, Table, TableKind};

impl Fates {
    /// Finds what is dropped and goes on under another title: nothing is built, or the new one before the old one goes.
    pub(super) fn take_over(&mut self, from: &Side<'_>, to: &Side<'_>) {
        for made in to.keys() {
            let Some(thing) = to.thing(made).filter(|_| self.comes(made)) else {
                continue;
            };
            let dropped = match thing {
                Thing::Constraint(table, it) => self.index_for_key(from, table, it),
                Thing::Index(table, index) => {
                    let part = Part::new((*table).clone(), &index.name);
                    Some(Key::Object(Object::Constraint(part))).filter(|it| is_own_key(from, it))
                }
                _ => None,
            };
            let is_free = |key: &Key| !self.taken_over.contains_key(key);
            if let Some(dropped) = dropped.filter(|it| self.is_dropped(it) && is_free(it)) {
                self.taken_over.insert(dropped, made.clone());
            }
        }
    }

    /// The index that is dropped and could hold a key that is made, best the one of its name.
    fn index_for_key(&self, from: &Side<'_>, table: &Table, made: &Constraint) -> Option<Key> {
        let key = made.as_key()?;
        let before = from.catalog.schema.tables.get(&table.name)?;
        if table.kind != TableKind::Plain || before.kind != TableKind::Plain {
            return None;
        }
        let object = |index: &Index| Key::Object(Object::Index(table.name.sibling(&index.name)));
        let fits = |index: &&Index| {
            is_index_of_key(index, key)
                && (index.name == made.name || !is_named_by(before, &index.name))
                && self.has_columns(table, made)
                && self.is_dropped(&object(index))
        };
        let same = before.indexes.get(&made.name).filter(fits);
        let index = same.or_else(|| before.indexes.iter().find(fits));
        index.map(object)
    }

    fn is_dropped(&self, key: &Key) -> bool {
        self.of(key) == Some(&Fate::Drop)
    }

    /// Are the columns of a key there all the time?
    fn has_columns(&self, table: &Table, made: &Constraint) -> bool {
        let key = made.as_key().into_iter();
        let mut columns = key.flat_map(|key| key.columns.iter().chain(&key.include));
        columns.all(|column| {
            let part = Part::new(table.name.clone(), column);
            self.stays(&Key::Object(Object::Column(part)))
        })
    }
}

/// Is it a key of a plain table, and not that of a partitioned one?
fn is_own_key(side: &Side<'_>, key: &Key) -> bool {
    match side.thing(key) {
        Some(Thing::Constraint(table, it)) => {
            it.has_index() && it.origin == Origin::Own && table.kind == TableKind::Plain
        }
        _ => false,
    }
}

/// Does the table identify its rows, or order them, by an index?
fn is_named_by(table: &Table, index: &str) -> bool {
    let is_identity =
        matches!(&table.replica_identity, ReplicaIdentity::Index(name) if name == index);
    is_identity || table.indexes.get(index).is_some_and(|it| it.clustered)
}
