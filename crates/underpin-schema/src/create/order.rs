//! Putting each thing after what it needs.

use super::Apart;
use super::thing::Thing;
use crate::{Object, QualifiedName};
use std::collections::{BTreeSet, HashMap};

/// What needs what, by place in the list of things.
pub(super) struct Graph {
    nodes: Vec<Node>,
    by_object: HashMap<Object, usize>,
    by_name: HashMap<QualifiedName, usize>,
}

struct Node {
    object: Object,
    /// The table it is written with, unless it is taken apart.
    inside: Option<usize>,
    can_be_apart: bool,
    needs: BTreeSet<usize>,
}

impl Graph {
    pub(super) fn new(things: &[Thing<'_>]) -> Self {
        let mut graph = Self {
            nodes: Vec::with_capacity(things.len()),
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
            let is_part = matches!(thing, Thing::Default(..) | Thing::Constraint(..));
            graph.nodes.push(Node {
                object,
                inside: thing.is_inline().then_some(table),
                can_be_apart: thing.can_be_apart(),
                needs: is_part.then_some(table).into_iter().collect(),
            });
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
        if dependant != needed {
            self.nodes[dependant].needs.insert(needed);
        }
    }

    /// The place of an object; of a column that of what it is a column of.
    pub(super) fn place(&self, object: &Object) -> Option<usize> {
        let whole = || self.by_name.get(object.whole()?);
        self.by_object.get(object).or_else(whole).copied()
    }

    /// All places in order, and the parts that had to be taken out of their tables.
    pub(super) fn ordered(mut self) -> (Vec<usize>, Apart) {
        let mut apart = Apart::new();
        loop {
            let (order, stuck) = self.try_to_order();
            let Some(circle) = stuck.first().map(|first| self.circle(*first, &stuck)) else {
                return (order, apart);
            };
            self.break_circle(&circle, &mut apart);
        }
    }

    /// What can be ordered, and what cannot because it needs itself in the end.
    fn try_to_order(&self) -> (Vec<usize>, BTreeSet<usize>) {
        let mut waiting = vec![0_usize; self.nodes.len()];
        let mut dependants: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (place, needed) in self.edges() {
            waiting[place] += 1;
            dependants[needed].push(place);
        }
        let mut ready: BTreeSet<usize> = (0..self.nodes.len())
            .filter(|place| waiting[*place] == 0)
            .collect();
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(place) = ready.pop_first() {
            order.push(place);
            for dependant in &dependants[place] {
                waiting[*dependant] -= 1;
                if waiting[*dependant] == 0 {
                    ready.insert(*dependant);
                }
            }
        }
        let done: BTreeSet<usize> = order.iter().copied().collect();
        let stuck = (0..self.nodes.len())
            .filter(|place| !done.contains(place))
            .collect();
        (order, stuck)
    }

    /// What is made when: an inline part with its table.
    fn made_with(&self, place: usize) -> usize {
        self.nodes[place].inside.unwrap_or(place)
    }

    /// Who waits for whom, seen from outside of the tables.
    fn edges(&self) -> BTreeSet<(usize, usize)> {
        let all = (0..self.nodes.len()).flat_map(|place| {
            let needs = self.nodes[place].needs.iter();
            needs.map(move |needed| (self.made_with(place), self.made_with(*needed)))
        });
        all.filter(|(place, needed)| place != needed).collect()
    }

    /// A circle among what is stuck: each needs the next, the last the first.
    fn circle(&self, start: usize, stuck: &BTreeSet<usize>) -> Vec<usize> {
        let edges = self.edges();
        let mut path = vec![start];
        loop {
            let last = path[path.len() - 1];
            let mut needed = edges
                .range((last, 0)..(last + 1, 0))
                .map(|(_, needed)| *needed);
            let Some(next) = needed.find(|needed| stuck.contains(needed)) else {
                return path;
            };
            if let Some(first) = path.iter().position(|place| *place == next) {
                return path.split_off(first);
            }
            path.push(next);
        }
    }

    /// Takes parts out of a table of the circle; when there are none, one need is forgotten.
    fn break_circle(&mut self, circle: &[usize], apart: &mut Apart) {
        let pairs = || {
            circle
                .iter()
                .copied()
                .zip(circle.iter().copied().cycle().skip(1))
        };
        let parts = pairs().map(|(place, needed)| self.reasons(place, needed));
        let choice = parts.filter(|parts| parts.iter().all(|part| self.nodes[*part].can_be_apart));
        // A constraint is as well added later; a default is better read beside its column.
        let choice = choice.min_by_key(|parts| {
            parts
                .iter()
                .any(|part| matches!(self.nodes[*part].object, Object::Default(_)))
        });
        match choice {
            Some(parts) => {
                for part in parts {
                    self.nodes[part].inside = None;
                    apart.insert(self.nodes[part].object.clone());
                }
            }
            None => {
                if let Some((place, needed)) = pairs().next() {
                    for reason in self.reasons(place, needed) {
                        let kept = |other: &usize| self.made_with(*other) != needed;
                        let needs = self.nodes[reason]
                            .needs
                            .iter()
                            .copied()
                            .filter(|other| kept(other))
                            .collect();
                        self.nodes[reason].needs = needs;
                    }
                }
            }
        }
    }

    /// The parts of `place`, or itself, that make it need `needed`.
    fn reasons(&self, place: usize, needed: usize) -> Vec<usize> {
        let parts = (0..self.nodes.len()).filter(|part| self.made_with(*part) == place);
        let needs = |part: &usize| {
            self.nodes[*part]
                .needs
                .iter()
                .any(|other| self.made_with(*other) == needed)
        };
        parts.filter(needs).collect()
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
