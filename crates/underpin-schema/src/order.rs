//! Putting each thing after what it needs.

use std::collections::BTreeSet;

/// Things by place, and what each needs.
#[derive(Debug, Default)]
pub(crate) struct Order {
    nodes: Vec<Node>,
}

/// A thing to be put in order.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// The thing it is done with, unless it is taken apart: the table of an inline constraint.
    pub(crate) inside: Option<usize>,
    /// Can it be taken apart from that?
    pub(crate) can_be_apart: bool,
    /// Only when nothing else can: a default is better read beside its column.
    pub(crate) unwillingly: bool,
    /// Grows by [`Order::connect`].
    pub(crate) needs: BTreeSet<usize>,
}

impl Order {
    /// Adds a thing that needs nothing yet, and tells its place. Of two that could be next the earlier is.
    pub(crate) fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Notes that one needs the other.
    pub(crate) fn connect(&mut self, dependant: usize, needed: usize) {
        if dependant != needed {
            self.nodes[dependant].needs.insert(needed);
        }
    }

    /// All places in order, and those that had to be taken apart; what is in the way of any order is forgotten.
    pub(crate) fn ordered(&mut self) -> (Vec<usize>, BTreeSet<usize>) {
        let mut apart = BTreeSet::new();
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
    pub(crate) fn edges(&self) -> BTreeSet<(usize, usize)> {
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
    fn break_circle(&mut self, circle: &[usize], apart: &mut BTreeSet<usize>) {
        let pairs = || {
            circle
                .iter()
                .copied()
                .zip(circle.iter().copied().cycle().skip(1))
        };
        // What makes one need the other is taken out of the one, or else what is needed out of the other.
        let dependants = pairs().map(|(place, needed)| self.reasons(place, needed));
        let needed = pairs().map(|(place, needed)| self.causes(place, needed));
        let is_movable =
            |part: &usize| self.nodes[*part].inside.is_some() && self.nodes[*part].can_be_apart;
        let choice = dependants.chain(needed);
        let choice = choice.filter(|parts| !parts.is_empty() && parts.iter().all(is_movable));
        let choice =
            choice.min_by_key(|parts| parts.iter().any(|part| self.nodes[*part].unwillingly));
        match choice {
            Some(parts) => {
                for part in parts {
                    self.nodes[part].inside = None;
                    apart.insert(part);
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

    /// The parts of `needed`, or itself, that `place` needs.
    fn causes(&self, place: usize, needed: usize) -> Vec<usize> {
        let reasons = self.reasons(place, needed).into_iter();
        let all = reasons.flat_map(|reason| self.nodes[reason].needs.iter().copied());
        let all: BTreeSet<usize> = all
            .filter(|cause| self.made_with(*cause) == needed)
            .collect();
        all.into_iter().collect()
    }
}
