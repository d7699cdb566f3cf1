//! The steps of a plan, what each has to wait for, and their statements.

mod emit;
mod names;
mod waits;

use super::change::{Change, Plan};
use super::drop::dropping;
use super::fate::{Fate, Fates};
use super::side::{Key, Side};
use crate::create::Thing;
use crate::order::{Node, Order};
use crate::{Object, Origin, QualifiedName};
use emit::Emit;
use std::collections::{BTreeSet, HashMap};

/// What a step does with a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Verb {
    Drop,
    /// Gives an old type another name.
    Aside,
    Alter,
    Make,
}

/// The steps, in the order in which they are taken when nothing else matters.
struct Steps<'s, 'a> {
    from: &'s Side<'a>,
    to: &'s Side<'a>,
    fates: &'s Fates,
    list: Vec<(Verb, Key)>,
    places: HashMap<(Verb, Key), usize>,
}

/// The changes in an order in which they can be made.
pub(super) fn plan(from: &Side<'_>, to: &Side<'_>, fates: &Fates) -> Plan {
    let steps = Steps::new(from, to, fates);
    let mut order = Order::default();
    for place in 0..steps.list.len() {
        let inside = steps.inside(place);
        order.add(Node {
            can_be_apart: inside.is_some() && steps.can_be_apart(place),
            unwillingly: matches!(steps.thing(place), Some(Thing::Default(..))),
            inside,
            ..Node::default()
        });
    }
    waits::connect(&steps, &mut order);
    let (places, apart) = order.ordered();
    let emit = Emit::new(&steps, &apart);
    let is_told = |place: usize| steps.inside(place).is_none() || apart.contains(&place);
    let mut guarded = BTreeSet::new();
    let mut plan = Plan::default();
    let mut before: HashMap<usize, BTreeSet<usize>> = HashMap::new();
    let edges = order.edges();
    for place in places {
        let needed = edges.range((place, 0)..(place + 1, 0));
        let needed = needed.filter_map(|(_, needed)| before.get(needed));
        let mut last: BTreeSet<usize> = needed.flatten().copied().collect();
        if is_told(place) {
            let guard = emit.guard(place, &mut guarded);
            for change in guard.into_iter().chain(emit.changes(place)) {
                let next = BTreeSet::from([plan.changes.len()]);
                plan.after.push(std::mem::replace(&mut last, next));
                plan.changes.push(change);
            }
        }
        before.insert(place, last);
    }
    emit::around_function_bodies(plan)
}

impl<'s, 'a> Steps<'s, 'a> {
    /// First what stands in the way goes; then comes what is new and what changes; then goes what is no more.
    fn new(from: &'s Side<'a>, to: &'s Side<'a>, fates: &'s Fates) -> Self {
        let mut steps = Self {
            from,
            to,
            fates,
            list: Vec::new(),
            places: HashMap::new(),
        };
        let swapped = |key: &Key| fates.swapped.contains(key);
        for key in from.keys().rev() {
            if fates.of(key) == Some(&Fate::Replace) && !swapped(key) {
                steps.add_drop(key);
            }
        }
        for key in from.keys().rev().filter(|key| swapped(key)) {
            steps.add(Verb::Aside, key);
        }
        for key in from.keys().filter(|key| !to.has(key)) {
            steps.add_alter(key);
        }
        for key in to.keys() {
            steps.add_alter(key);
            let is_silent = match to.thing(key) {
                Some(Thing::AttachIndex(it)) => !fates.is_put(to, it),
                _ => false,
            };
            if fates.comes(key) && !is_silent {
                steps.add(Verb::Make, key);
            }
        }
        for key in from.keys().rev() {
            if fates.of(key) == Some(&Fate::Drop) || swapped(key) {
                steps.add_drop(key);
            }
        }
        steps
    }

    /// A step without a statement would only make others wait.
    fn add_drop(&mut self, key: &Key) {
        let statements = self.from.thing(key).map(dropping).unwrap_or_default();
        if !statements.is_empty() {
            self.add(Verb::Drop, key);
        }
    }

    fn add(&mut self, verb: Verb, key: &Key) {
        self.places.insert((verb, key.clone()), self.list.len());
        self.list.push((verb, key.clone()));
    }

    fn add_alter(&mut self, key: &Key) {
        if !self.fates.changes(key).is_empty() {
            self.add(Verb::Alter, key);
        }
    }

    fn place(&self, verb: Verb, key: &Key) -> Option<usize> {
        self.places.get(&(verb, key.clone())).copied()
    }

    /// The step after which a thing is what it is to be.
    fn arrival(&self, key: &Key) -> Option<usize> {
        self.place(Verb::Make, key)
            .or_else(|| self.place(Verb::Alter, key))
    }

    fn thing(&self, place: usize) -> Option<&Thing<'a>> {
        let (verb, key) = &self.list[place];
        match verb {
            Verb::Drop | Verb::Aside => self.from.thing(key),
            Verb::Alter | Verb::Make => self.to.thing(key),
        }
    }

    /// The step that a step is a part of, in the end.
    fn inside(&self, place: usize) -> Option<usize> {
        let mut outer = self.directly_inside(place)?;
        while let Some(next) = self.directly_inside(outer) {
            outer = next;
        }
        Some(outer)
    }

    fn directly_inside(&self, place: usize) -> Option<usize> {
        let (verb, key) = &self.list[place];
        match verb {
            Verb::Drop => self.dropped_with(key),
            Verb::Make => self.made_with(key),
            Verb::Alter => self.altered_with(key),
            Verb::Aside => None,
        }
    }

    /// A part goes with its whole, a sequence with its column, a part of a partition with that of the table.
    fn dropped_with(&self, key: &Key) -> Option<usize> {
        if self.fates.swapped.contains(key) {
            return None;
        }
        if let Some(made) = self.fates.taken_over.get(key) {
            return self.place(Verb::Make, made);
        }
        let drop = |key: &Key| self.place(Verb::Drop, key);
        // A domain that stays under another name meanwhile gives its default and its conditions up before.
        if let Some(Thing::DomainDefault(domain) | Thing::DomainCheck(domain, _)) =
            self.from.thing(key)
            && (self.fates.swapped).contains(&Key::Object(Object::Type(domain.name.clone())))
        {
            return None;
        }
        if self.fates.is_carried(self.from, key)
            && let Some(place) = self.from.followed(key).and_then(drop)
        {
            return Some(place).filter(|_| !is_merged(self.from, key));
        }
        if let Some(Thing::Attach(_, partition)) = self.from.thing(key)
            && is_referenced(self.from, &partition.parent)
        {
            return None;
        }
        if let Some(Thing::Sequence(sequence)) = self.from.thing(key) {
            let owner = sequence.owned_by.clone()?;
            let table = drop(&Key::Object(Object::Table(owner.of.clone())));
            let is_final = self.fates.of(key) == Some(&Fate::Drop);
            return table
                .or_else(|| drop(&Key::Object(Object::Column(owner))))
                .filter(|_| is_final);
        }
        wholes(self.from.thing(key)?).iter().find_map(drop)
    }

    /// Columns, and what can be written with them, are made with their table.
    fn made_with(&self, key: &Key) -> Option<usize> {
        let thing = self.to.thing(key)?;
        let is_written_with = match thing {
            Thing::Column(..)
            | Thing::Inherit(..)
            | Thing::Default(..)
            | Thing::DomainCheck(..)
            | Thing::DomainDefault(_) => true,
            Thing::Constraint(..) => thing.is_inline(),
            _ => false,
        };
        let make = |key: &Key| self.place(Verb::Make, key);
        let whole = wholes(thing);
        let table = whole.iter().filter(|_| is_written_with).find_map(make);
        table.or_else(|| {
            let is_pushed_down = match thing {
                Thing::Column(..) => true,
                Thing::Constraint(_, it) => !it.has_index() && it.as_foreign_key().is_none(),
                _ => false,
            };
            let is_carried = is_pushed_down && self.fates.is_carried(self.to, key);
            let whole = self.to.followed(key).filter(|_| is_carried)?;
            make(whole).filter(|_| !is_merged(self.to, key))
        })
    }

    /// What is said of a parent's column is said of the children's.
    fn altered_with(&self, key: &Key) -> Option<usize> {
        let place = self.place(Verb::Alter, self.to.followed(key)?)?;
        let mut changes = self.fates.changes(key).iter();
        changes
            .all(|change| self.is_told_above(key, change))
            .then_some(place)
    }

    /// Does a change of the parent's column make this one of the child's?
    fn is_told_above(&self, key: &Key, change: &Change) -> bool {
        let whole = self.to.followed(key);
        let above = whole.map(|whole| self.fates.changes(whole));
        let mut above = above.into_iter().flatten();
        self.fates.is_carried(self.to, key)
            && above.any(|other| emit::reaches_children(other, change))
            && !(emit::is_not_null_dropped(change) && self.has_own_not_null(key))
    }

    /// Does a child's column have a NOT NULL, of 18 on, that may stay when the parent's is dropped? Dropping what has
    /// gone with it already is no error.
    fn has_own_not_null(&self, key: &Key) -> bool {
        let not_null = |side: &Side<'_>| match side.thing(key) {
            Some(Thing::Column(_, column)) => column.not_null.clone(),
            _ => None,
        };
        let had = not_null(self.from).is_some_and(|it| it.name.is_some());
        had && not_null(self.to).is_none()
    }

    /// A default or a constraint can be dropped before its table and made after it.
    fn can_be_apart(&self, place: usize) -> bool {
        match (self.list[place].0, self.thing(place)) {
            (_, Some(Thing::Default(..))) => true,
            (Verb::Make, Some(Thing::Constraint(..))) => true,
            (Verb::Drop, Some(Thing::Constraint(_, it))) => it.as_foreign_key().is_some(),
            _ => false,
        }
    }
}

/// Is a part declared by the table and by its parent?
fn is_merged(side: &Side<'_>, key: &Key) -> bool {
    match side.thing(key) {
        Some(Thing::Column(_, it)) => it.origin == Origin::Merged,
        Some(Thing::Constraint(_, it)) => it.origin == Origin::Merged,
        _ => false,
    }
}

/// Does a foreign key refer to a table? Its partitions cannot be dropped where they are.
fn is_referenced(side: &Side<'_>, table: &QualifiedName) -> bool {
    let mut constraints = side
        .catalog
        .schema
        .tables
        .iter()
        .flat_map(|it| &it.constraints);
    constraints.any(|it| it.as_foreign_key().is_some_and(|key| key.table == *table))
}

/// What a thing goes with, and what it may be written with.
fn wholes(thing: &Thing<'_>) -> Vec<Key> {
    let object = |object: Object| Key::Object(object);
    match thing {
        Thing::Default(table, column) => {
            let part = crate::Part::new(table.name.clone(), &column.name);
            vec![
                object(Object::Table(table.name.clone())),
                object(Object::Column(part)),
            ]
        }
        Thing::DomainCheck(domain, _) => vec![object(Object::Type(domain.name.clone()))],
        Thing::Column(table, _)
        | Thing::Constraint(table, _)
        | Thing::Inherit(table, _)
        | Thing::Attach(table, _)
        | Thing::TableSettings(table) => vec![object(Object::Table(table.name.clone()))],
        Thing::Index(table, _) => vec![
            object(Object::Table((*table).clone())),
            object(Object::MaterialisedView((*table).clone())),
        ],
        Thing::Rule(table, _) | Thing::Trigger(table, _) | Thing::Policy(table, _) => vec![
            object(Object::Table((*table).clone())),
            object(Object::View((*table).clone())),
        ],
        Thing::Ownership(sequence) => vec![object(Object::Sequence(sequence.name.clone()))],
        Thing::DomainDefault(it) => vec![object(Object::Type(it.name.clone()))],
        Thing::AttachIndex(it) => vec![object(Object::Index(it.part.clone()))],
        Thing::Tie(it) => {
            let (object, extension) = &it.tie;
            let extension = Object::Extension(extension.clone());
            let whole = object.whole().cloned().map(Object::Table);
            let all = [object.clone(), extension].into_iter().chain(whole);
            all.map(Key::Object).collect()
        }
        Thing::Member(it) => vec![object(Object::Extension(it.key.extension.clone()))],
        Thing::DefaultPrivileges(it) => {
            let schema = it.key.schema.iter().cloned();
            schema.map(|name| object(Object::Namespace(name))).collect()
        }
        _ => Vec::new(),
    }
}
