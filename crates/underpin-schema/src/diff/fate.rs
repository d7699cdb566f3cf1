//! What becomes of each thing: kept, changed, made, dropped, or dropped and made again.

mod react;

use super::change::{Change, ChangeKind};
use super::compare::{Verdict, compare, note_changes};
use super::needs;
use super::side::{Key, Side};
use crate::create::Thing;
use crate::{Namespace, Object, Origin, QualifiedName, sql};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// Only the new side has it.
    Make,
    /// Only the old side has it.
    Drop,
    /// Both have it; it cannot be changed, or stands in the way of a change.
    Replace,
    /// Both have it, and these changes make it what it is to be; none when it is that already.
    Alter(Vec<Change>),
}

/// What becomes of everything.
pub(super) struct Fates {
    all: BTreeMap<Key, Fate>,
    /// Types that are made anew while columns keep their values: the old one gets another name meanwhile.
    pub(super) swapped: BTreeSet<Key>,
    /// What is to be said of a part of an index once it is made.
    pub(super) after_making: BTreeMap<Key, Change>,
}

impl Fates {
    pub(super) fn decide(from: &Side<'_>, to: &Side<'_>) -> Self {
        let mut fates = Self {
            all: BTreeMap::new(),
            swapped: BTreeSet::new(),
            after_making: BTreeMap::new(),
        };
        for (key, old) in from.things() {
            let fate = match to.thing(key) {
                Some(new) => match compare(old, new, (from, to)) {
                    Verdict::Alter(changes) => Fate::Alter(changes),
                    Verdict::Replace => Fate::Replace,
                },
                None if is_public(key) => {
                    let usual = Namespace::new(Namespace::PUBLIC);
                    Fate::Alter(note_changes(Some(old), &Thing::Namespace(&usual)))
                }
                None => Fate::Drop,
            };
            fates.all.insert(key.clone(), fate);
        }
        for (key, new) in to.things().filter(|(key, _)| !from.has(key)) {
            let fate = match is_public(key) {
                true => Fate::Alter(note_changes(None, new)),
                false => Fate::Make,
            };
            fates.all.insert(key.clone(), fate);
        }
        fates.take_apart(from, to);
        fates.spread(from, to);
        fates.swap_with_needed(from);
        fates.attach_indexes(from, to);
        fates
    }

    pub(super) fn of(&self, key: &Key) -> Option<&Fate> {
        self.all.get(key)
    }

    pub(super) fn set(&mut self, key: &Key, fate: Fate) {
        self.all.insert(key.clone(), fate);
    }

    /// Is it taken away, for good or for a while?
    pub(super) fn goes(&self, key: &Key) -> bool {
        matches!(self.of(key), Some(Fate::Drop | Fate::Replace))
    }

    /// Is it made, for the first time or again?
    pub(super) fn comes(&self, key: &Key) -> bool {
        matches!(self.of(key), Some(Fate::Make | Fate::Replace))
    }

    /// Is it there before, all the time, and afterwards?
    pub(super) fn stays(&self, key: &Key) -> bool {
        matches!(self.of(key), Some(Fate::Alter(_)))
    }

    pub(super) fn changes(&self, key: &Key) -> &[Change] {
        match self.of(key) {
            Some(Fate::Alter(changes)) => changes,
            _ => &[],
        }
    }

    fn changes_type(&self, key: &Key) -> bool {
        let is_type = |change: &Change| matches!(change.kind, ChangeKind::ChangeType(..));
        self.changes(key).iter().any(is_type)
    }

    /// What can be changed where it stands, but not with all the others around it.
    fn take_apart(&mut self, from: &Side<'_>, to: &Side<'_>) {
        for key in from.keys.iter().filter(|key| to.has(key)) {
            let mut changes = self.changes(key).iter();
            let is_rebuilt =
                changes.any(|change| matches!(change.kind, ChangeKind::ReplaceIndex(..)));
            let of_partitions = [from, to]
                .iter()
                .any(|side| side.followed(key).is_some() || side.followers(key).next().is_some());
            let is_twin = match to.thing(key) {
                Some(Thing::Index(table, index)) => needs::twin(to, table, index)
                    .is_some_and(|needed| needed.iter().any(|needed| self.comes(needed))),
                _ => false,
            };
            if is_rebuilt && of_partitions || is_twin {
                self.set(key, Fate::Replace);
            }
            if self.is_taken_over(from, to, key) {
                self.set(key, Fate::Replace);
                self.swapped.insert(key.clone());
            }
        }
    }

    /// A column that a table had of its own, and is to have from its parent, which gets it now.
    fn is_taken_over(&self, from: &Side<'_>, to: &Side<'_>, key: &Key) -> bool {
        let (Some(Thing::Column(_, old)), Some(Thing::Column(_, new))) =
            (from.thing(key), to.thing(key))
        else {
            return false;
        };
        let whole = to.followed(key);
        old.origin == Origin::Own
            && new.origin == Origin::Inherited
            && whole.is_some_and(|whole| self.comes(whole))
            && self.is_carried(to, key)
    }

    /// Does a part come and go with that of the parent: was it below it, and will it stay so?
    pub(super) fn is_carried(&self, side: &Side<'_>, part: &Key) -> bool {
        side.place(part).is_some_and(|place| self.stays(place))
    }

    /// What stays under another name meanwhile keeps the types that it is made of.
    fn swap_with_needed(&mut self, from: &Side<'_>) {
        let mut open: Vec<Key> = self.swapped.iter().cloned().collect();
        while let Some(key) = open.pop() {
            for needed in from.needs(&key) {
                let is_type = from.thing(needed).is_some_and(|it| it.is_type());
                if is_type
                    && self.of(needed) == Some(&Fate::Replace)
                    && self.swapped.insert(needed.clone())
                {
                    open.push(needed.clone());
                }
            }
        }
    }

    /// Indexes that become parts of one that was there without them.
    fn attach_indexes(&mut self, from: &Side<'_>, to: &Side<'_>) {
        for key in &to.keys {
            let whole = to.followed(key).filter(|whole| self.stays(whole));
            let names = whole.and_then(|whole| index_of(to, key).zip(index_of(to, whole)));
            let Some((part, whole)) = names else { continue };
            let is_new = self.comes(key) || from.followed(key).is_none();
            let is_told = to.has(&Key::AttachIndex(part.clone()));
            if is_new && !is_told && self.is_carried(to, key) {
                let change = Change::alter(
                    Object::Index(part.clone()),
                    sql::attach_index(&whole, &part),
                );
                match self.all.get_mut(key) {
                    Some(Fate::Alter(changes)) => changes.push(change),
                    _ => drop(self.after_making.insert(key.clone(), change)),
                }
            }
        }
    }
}

/// Every database has this schema: it is neither made nor dropped.
fn is_public(key: &Key) -> bool {
    matches!(key, Key::Object(Object::Namespace(name)) if name == Namespace::PUBLIC)
}

/// The name of the index that a thing is, or rests on.
fn index_of(side: &Side<'_>, key: &Key) -> Option<QualifiedName> {
    match side.thing(key)? {
        Thing::Index(table, index) => Some(table.sibling(&index.name)),
        Thing::Constraint(table, it) if it.has_index() => Some(table.name.sibling(&it.name)),
        _ => None,
    }
}
