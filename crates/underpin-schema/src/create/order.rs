//! Putting each thing after what it needs, by its object.

use super::Apart;
use super::thing::Thing;
use crate::order::{Node, Order};
use crate::{Object, QualifiedName};
use std::collections::HashMap;

/// What needs what, by place in the list of things.
pub(super) struct Graph {
    order: Order,
    objects: Vec<Object>,
    by_object: HashMap<Object, usize>,
    by_name: HashMap<QualifiedName, usize>,
}

impl Graph {
    pub(super) fn new(things: &[Thing<'_>]) -> Self {
        let mut graph = Self {
            order: Order::default(),
            objects: Vec::with_capacity(things.len()),
            by_object: HashMap::new(),
            by_name: HashMap::new(),
        };
        let mut table = 0;
        for (place, thing) in things.iter().enumerate() {
            let object = thing.object();
            if matches!(thing, Thing::Table(_)) {
                table = place;
            }
            if thing.is_main() {
                graph.by_object.insert(object.clone(), place);
                graph
                    .by_name
                    .extend(relation_or_type(&object).map(|name| (name.clone(), place)));
            }
            graph.order.add(Node {
                inside: thing.is_inline().then_some(table),
                can_be_apart: thing.can_be_apart(),
                unwillingly: matches!(thing, Thing::Default(..)),
                ..Node::default()
            });
            if matches!(thing, Thing::Default(..) | Thing::Constraint(..)) {
                graph.order.connect(place, table);
            }
            graph.objects.push(object);
        }
        graph
    }

    /// Notes that one object needs another, as far as both are there.
    pub(super) fn connect(&mut self, dependant: &Object, needed: &Object) {
        if let Some(dependant) = self.place(dependant) {
            self.connect_place(dependant, needed);
        }
    }

    /// Notes that the thing at a place needs an object, if that is there.
    pub(super) fn connect_place(&mut self, dependant: usize, needed: &Object) {
        if let Some(needed) = self.place(needed) {
            self.connect_places(dependant, needed);
        }
    }

    pub(super) fn connect_places(&mut self, dependant: usize, needed: usize) {
        self.order.connect(dependant, needed);
    }

    /// The place of an object; of a column that of what it is a column of.
    pub(super) fn place(&self, object: &Object) -> Option<usize> {
        let whole = || self.by_name.get(object.whole()?);
        self.by_object.get(object).or_else(whole).copied()
    }

    /// All places in order, and the parts that had to be taken out of their tables.
    pub(super) fn ordered(self) -> (Vec<usize>, Apart) {
        let Self {
            mut order, objects, ..
        } = self;
        let (places, apart) = order.ordered();
        let apart = apart.into_iter().map(|place| objects[place].clone());
        (places, apart.collect())
    }
}

/// The name that an object shares with no other relation or type.
fn relation_or_type(object: &Object) -> Option<&QualifiedName> {
    match object {
        Object::Type(name)
        | Object::Sequence(name)
        | Object::Table(name)
        | Object::View(name)
        | Object::MaterialisedView(name) => Some(name),
        _ => None,
    }
}
