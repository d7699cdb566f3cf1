//! What becomes of each thing: kept, changed, made, dropped, or dropped and made again.

mod react;
mod take_over;

use super::change::{Change, ChangeKind};
use super::compare::{Verdict, compare, note_changes};
use super::needs;
use super::side::{Key, Side};
use crate::create::{PartOfIndex, Thing, has_rival};
use crate::{Namespace, Object, Origin};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    all: HashMap<Key, Fate>,
    /// Types that are made anew while columns keep their values: the old one gets another name meanwhile.
    pub(super) swapped: BTreeSet<Key>,
    /// Keys and indexes that are dropped, and what is made of each or in its place.
    pub(super) taken_over: BTreeMap<Key, Key>,
}

impl Fates {
    pub(super) fn decide(from: &Side<'_>, to: &Side<'_>) -> Self {
        let mut fates = Self {
            all: HashMap::new(),
            swapped: BTreeSet::new(),
            taken_over: BTreeMap::new(),
        };
        for (key, old) in from.things() {
            let fate = match to.thing(key) {
                Some(new) => match compare(old, new, (from, to)) {
                    Verdict::Alter(changes) => Fate::Alter(changes),
                    Verdict::Replace => Fate::Replace,
                },
                None if is_public(key) => {
                    let usual = Namespace::new(Namespace::PUBLIC);
                    Fate::Alter(note_changes(Some(old), &Thing::Namespace(&usual), None))
                }
                None => Fate::Drop,
            };
            fates.all.insert(key.clone(), fate);
        }
        for (key, new) in to.things().filter(|(key, _)| !from.has(key)) {
            let fate = match is_public(key) {
                true => Fate::Alter(note_changes(None, new, None)),
                false => Fate::Make,
            };
            fates.all.insert(key.clone(), fate);
        }
        fates.take_apart(from, to);
        fates.say_settings_of_rebuilt(from, to);
        fates.spread(from, to);
        fates.swap_with_needed(from);
        fates.take_over(from, to);
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
        for key in from.keys().filter(|key| to.has(key)) {
            let mut changes = self.changes(key).iter();
            let is_rebuilt =
                changes.any(|change| matches!(change.kind, ChangeKind::ReplaceIndex(..)));
            let is_of_partitions = || {
                let mut sides = [from, to].into_iter();
                sides.any(|side| {
                    side.followed(key).is_some() || side.followers(key).next().is_some()
                })
            };
            if is_rebuilt && is_of_partitions()
                || self.would_be_taken(to, key)
                || self.would_mistake(to, key)
            {
                self.set(key, Fate::Replace);
            }
            if self.is_taken_over(from, to, key) {
                self.set(key, Fate::Replace);
                self.swapped.insert(key.clone());
            }
        }
    }

    /// An index of a partition's own that would become a part of the table's when the partition is attached.
    fn would_be_taken(&self, to: &Side<'_>, key: &Key) -> bool {
        let Some(Thing::Index(table, index)) = to.thing(key) else {
            return false;
        };
        let table = to.catalog.schema.tables.get(*table);
        let table = table.filter(|it| self.comes(&Key::Attach(it.name.clone())));
        table.is_some_and(|table| needs::is_twin(to, table, index))
    }

    /// An index that would have another part than it is to have, or one that it is not, when a partition is attached.
    fn would_mistake(&self, to: &Side<'_>, key: &Key) -> bool {
        let (table, name) = match to.thing(key) {
            Some(Thing::Index(table, index)) => (to.catalog.schema.tables.get(*table), &index.name),
            Some(Thing::Constraint(table, it)) => (Some(*table), &it.name),
            _ => return false,
        };
        let has_rival = || table.is_some_and(|table| has_rival(table, name));
        let lacks_part = |place| !to.followers(key).any(|part| to.place(part) == Some(place));
        let places = to
            .needs(key)
            .filter(|needed| matches!(needed, Key::Attach(_)));
        let mut places = places.filter(|place| self.comes(place));
        places.any(|place| lacks_part(place) || has_rival())
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

    /// Does a part of an index get its place by a statement? A whole index has taken its parts, and so has one that was
    /// there when a partition was attached.
    pub(super) fn is_put(&self, to: &Side<'_>, it: &PartOfIndex<'_>) -> bool {
        let whole = to.index(it.parent, &it.whole);
        let is_there = whole.is_some_and(|whole| self.stays(&whole));
        !(it.is_taken || is_there && self.comes(&Key::Attach(it.partition.clone())))
    }
}

/// Every database has this schema: it is neither made nor dropped.
fn is_public(key: &Key) -> bool {
    matches!(key, Key::Object(Object::Namespace(name)) if name == Namespace::PUBLIC)
}
