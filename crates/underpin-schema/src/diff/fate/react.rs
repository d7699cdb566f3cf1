//! What a change of one thing means for those that need it.

use super::{Fate, Fates};
use crate::create::Thing;
use crate::diff::change::{Change, ChangeKind};
use crate::diff::compare::{
    change_type, owner_again, parts_again, rest_again, settings_for_index, statistics_again,
    target_again,
};
use crate::diff::needs::is_upsert;
use crate::diff::side::{Key, Side};
use crate::{Object, Origin, TableKind, sql};

impl Fates {
    /// Replaces what cannot stay while something else is dropped or changed, until nothing more has to be.
    pub(super) fn spread(&mut self, from: &Side<'_>, to: &Side<'_>) {
        let keys = self.all.keys();
        let mut open: Vec<Key> = keys
            .filter(|key| self.goes(key) || self.changes_type(key))
            .cloned()
            .collect();
        open.sort();
        // A thing is looked at again only when its fate got harder, which happens at most twice.
        while let Some(key) = open.pop() {
            if self.goes(&key) {
                open.extend(self.spread_to_parent(&key, from));
                open.extend(self.spread_to_parts(&key, (from, to)));
                open.extend(self.spread_from_place(&key, from));
                for dependant in from.needed_by(&key) {
                    open.extend(self.when_needed_goes(dependant, &key, (from, to)));
                }
            } else if self.changes_type(&key) {
                open.extend(self.when_partition_key_changes(&key, from));
                for dependant in from.needed_by(&key) {
                    open.extend(self.when_type_changes(dependant, (from, to)));
                }
            }
        }
    }

    /// A part of a partition cannot be dropped as long as that of the partitioned table stays.
    fn spread_to_parent(&mut self, key: &Key, from: &Side<'_>) -> Option<Key> {
        let whole = from.followed(key)?;
        let is_index = matches!(
            from.thing(key),
            Some(Thing::Index(..) | Thing::Constraint(..))
        );
        let is_inherited = is_inherited(from, key) && self.is_carried(from, key);
        (is_index && is_inherited)
            .then(|| self.replace(whole))
            .flatten()
    }

    /// With the part of a partitioned table go those of its partitions.
    fn spread_to_parts(&mut self, key: &Key, (from, to): (&Side<'_>, &Side<'_>)) -> Vec<Key> {
        let parts = from.followers(key);
        let parts = parts.filter(|part| is_inherited(from, part) && self.is_carried(from, part));
        let parts: Vec<Key> = parts.filter(|part| to.has(part)).cloned().collect();
        parts.iter().filter_map(|part| self.replace(part)).collect()
    }

    /// An index leaves the one that it is a part of with its table, or when that one is dropped.
    fn spread_from_place(&mut self, key: &Key, from: &Side<'_>) -> Vec<Key> {
        let Some(Thing::AttachIndex(it)) = from.thing(key) else {
            return Vec::new();
        };
        if !self.stays(&Key::Attach(it.partition.clone())) {
            return Vec::new();
        }
        let both = [(it.parent, &it.whole), (it.partition, &it.part)];
        let both = both.map(|(table, name)| from.index(table, name));
        let both = both.into_iter().flatten();
        both.filter_map(|key| self.replace(&key)).collect()
    }

    fn when_needed_goes(
        &mut self,
        dependant: &Key,
        needed: &Key,
        (from, to): (&Side<'_>, &Side<'_>),
    ) -> Option<Key> {
        if !self.stays(dependant) {
            return None;
        }
        let gone = from.thing(needed)?;
        let is_table = matches!(gone, Thing::Table(_));
        let is_type = gone.is_type() || matches!(gone, Thing::Collation(_));
        let is_function = matches!(gone, Thing::Function(_));
        let comes_again = self.comes(needed);
        match from.thing(dependant)? {
            Thing::Column(_, old) if is_type => {
                if let Some(Thing::Column(table, new)) = to.thing(dependant)
                    && comes_again
                {
                    self.swapped.insert(needed.clone());
                    if !self.changes_type(dependant) {
                        let change = change_type(table, old, new, (from, to));
                        let mut changes = vec![change];
                        changes.extend_from_slice(self.changes(dependant));
                        self.set(dependant, Fate::Alter(changes));
                        return Some(dependant.clone());
                    }
                }
                None
            }
            Thing::Column(_, old) if is_table || old.generated.is_some() => self.replace(dependant),
            Thing::TableSettings(_) if is_table => self.replace(dependant),
            Thing::TableSettings(_) => {
                self.say_settings_again(dependant, needed, to);
                None
            }
            // The trigger comes with the place; whether it fires there is to be said again.
            Thing::Trigger(..) if matches!(gone, Thing::Attach(..)) => {
                if let Some(Thing::Trigger(table, trigger)) = to.thing(dependant) {
                    self.say_again(dependant, parts_again(table, trigger));
                }
                None
            }
            Thing::Attach(..) | Thing::Inherit(..) if is_table => self.replace(dependant),
            // Its key calls it: the partitions, which hold the rows, are attached to another table.
            Thing::Table(table)
                if is_function && matches!(table.kind, TableKind::Partitioned(_)) =>
            {
                self.replace(dependant)
            }
            Thing::Ownership(_) if comes_again => self.replace(dependant),
            Thing::Function(_) | Thing::View(_) | Thing::Policy(..) | Thing::Domain(_)
                if !to.is_needed_for(needed, dependant)
                    && !comes_again
                    && !to.thing(dependant).is_some_and(is_upsert)
                    && !self.changes(dependant).is_empty() =>
            {
                None
            }
            Thing::Column(..)
            | Thing::Table(_)
            | Thing::Attach(..)
            | Thing::Inherit(..)
            | Thing::Ownership(_)
            | Thing::Sequence(_)
            | Thing::Namespace(_)
            | Thing::Extension(_)
            | Thing::DefaultPrivileges(_) => None,
            _ => self.replace(dependant),
        }
    }

    fn when_type_changes(
        &mut self,
        dependant: &Key,
        (from, to): (&Side<'_>, &Side<'_>),
    ) -> Option<Key> {
        let stands_in_the_way = match from.thing(dependant)? {
            Thing::View(_)
            | Thing::MaterialisedView(_)
            | Thing::Rule(..)
            | Thing::Trigger(..)
            | Thing::Policy(..)
            | Thing::Function(_)
            | Thing::Default(..) => true,
            Thing::Column(_, column) => column.generated.is_some(),
            Thing::Constraint(table, constraint) => {
                self.say_ties_again(dependant, from);
                if is_of_tree(from, dependant) {
                    self.say_settings_again(&Key::Settings(table.name.clone()), dependant, to);
                }
                constraint.as_foreign_key().is_some()
            }
            Thing::Index(..) => {
                self.say_ties_again(dependant, from);
                let mut changes = self.changes(dependant).iter();
                let is_replaced =
                    changes.any(|change| matches!(change.kind, ChangeKind::ReplaceIndex(..)));
                if let Some(Thing::Index(table, index)) = to.thing(dependant) {
                    self.say_again(dependant, statistics_again(table, index));
                    if is_of_tree(from, dependant) {
                        let has_comment = has_comment(to, dependant);
                        self.say_again(dependant, rest_again(table, index, has_comment));
                        self.say_settings_again(&Key::Settings((*table).clone()), dependant, to);
                    }
                }
                is_replaced
            }
            Thing::Statistics(_) => {
                if let Some(thing @ Thing::Statistics(statistics)) = to.thing(dependant) {
                    self.say_again(dependant, target_again(statistics));
                    self.say_again(dependant, owner_again(thing, to));
                }
                false
            }
            _ => false,
        };
        (stands_in_the_way && self.stays(dependant))
            .then(|| self.replace(dependant))
            .flatten()
    }

    /// A column of the partition key keeps its type; the partitions, which hold the rows, are attached to another table.
    fn when_partition_key_changes(&mut self, column: &Key, from: &Side<'_>) -> Option<Key> {
        let Some(Thing::Column(table, column)) = from.thing(column) else {
            return None;
        };
        match &table.kind {
            TableKind::Partitioned(key) if key.mentions(&column.name) => {
                self.replace(&Key::Object(Object::Table(table.name.clone())))
            }
            _ => None,
        }
    }

    /// An index that PostgreSQL builds anew by itself does not depend on an extension any more.
    fn say_ties_again(&mut self, index: &Key, from: &Side<'_>) {
        for dependant in from.needed_by(index) {
            if let Some(Thing::Tie(it)) = from.thing(dependant) {
                let tie = sql::depend_on_extension(it, true).into_iter();
                let tie = tie.map(|sql| Change::alter(it.tie.0.clone(), sql));
                self.say_again(dependant, tie.collect());
            }
        }
    }

    /// A table that identifies its rows by an index, which is built anew under the same name, is told so again.
    pub(super) fn say_settings_of_rebuilt(&mut self, from: &Side<'_>, to: &Side<'_>) {
        for key in from.keys().filter(|key| to.has(key)) {
            let mut changes = self.changes(key).iter();
            if changes.any(|change| matches!(change.kind, ChangeKind::ReplaceIndex(..)))
                && let Some(Thing::Index(table, _)) = to.thing(key)
            {
                self.say_settings_again(&Key::Settings((*table).clone()), key, to);
                self.say_ties_again(key, from);
            }
        }
    }

    /// The table follows an index that is made anew.
    fn say_settings_again(&mut self, settings: &Key, needed: &Key, to: &Side<'_>) {
        let name = match needed {
            Key::Object(Object::Index(index)) => &index.name,
            Key::Object(Object::Constraint(part)) => &part.name,
            _ => return,
        };
        let Some(Thing::TableSettings(table)) = to.thing(settings) else {
            return;
        };
        self.say_again(settings, settings_for_index(table, name));
    }

    /// Adds to what is said of a thing that stays.
    fn say_again(&mut self, key: &Key, again: Vec<Change>) {
        if let Some(Fate::Alter(changes)) = self.all.get_mut(key) {
            for change in again {
                if !changes.contains(&change) {
                    changes.push(change);
                }
            }
        }
    }

    /// Tells the key when that is new.
    fn replace(&mut self, key: &Key) -> Option<Key> {
        if !self.stays(key) {
            return None;
        }
        self.set(key, Fate::Replace);
        Some(key.clone())
    }
}

/// Does a part go with its parent's?
fn is_inherited(side: &Side<'_>, key: &Key) -> bool {
    match side.thing(key) {
        Some(Thing::Column(_, it)) => it.origin == Origin::Inherited,
        Some(Thing::Constraint(_, it)) => {
            let is_part = it.as_key().is_some_and(|key| key.part_of.is_some());
            it.origin == Origin::Inherited || is_part
        }
        Some(Thing::Index(_, it)) => it.part_of.is_some(),
        _ => false,
    }
}

/// Is it the index of a partitioned table or of a partition? PostgreSQL builds these anew from the topmost one, so that the
/// parts lose what was said of them alone.
fn is_of_tree(side: &Side<'_>, key: &Key) -> bool {
    side.followed(key).is_some() || side.followers(key).next().is_some()
}

/// Has an index, or one that it is a part of, a comment? The parts get that of the topmost one.
fn has_comment(side: &Side<'_>, key: &Key) -> bool {
    let above = std::iter::successors(Some(key), |key| side.followed(key));
    let mut comments = above.filter_map(|key| match side.thing(key) {
        Some(Thing::Index(_, index)) => index.comment.as_ref(),
        _ => None,
    });
    comments.next().is_some()
}
