//! Statements of one kind together: those that run alone, each a file of its own, and those that can share one.
//!
//! Among themselves both kinds keep their order; only the turns between them become as few as what waits for what allows.

use super::route::Step;
use std::collections::BTreeSet;

/// Statements of one kind, in order.
struct Kind {
    steps: Vec<Step>,
    /// For each, how many of the other kind come before it.
    others: Vec<usize>,
    /// After how many of them each change is made, and all that it waits for.
    ends: Vec<usize>,
}

/// The order with the fewest turns. Each change has its steps; `after` are the changes that one waits for.
pub(super) fn few_turns(changes: Vec<Vec<Step>>, after: &[BTreeSet<usize>]) -> Vec<Step> {
    let (mut shared, mut alone) = (Kind::new(changes.len()), Kind::new(changes.len()));
    for (place, steps) in changes.into_iter().enumerate() {
        for kind in [&mut shared, &mut alone] {
            let before = after.get(place).into_iter().flatten();
            let ends = before.filter_map(|change| kind.ends.get(*change));
            kind.ends[place] = ends.copied().max().unwrap_or_default();
        }
        for step in steps {
            let (own, other) = match step.alone {
                true => (&mut alone, &shared),
                false => (&mut shared, &alone),
            };
            own.others.push(other.ends[place]);
            own.steps.push(step);
            own.ends[place] = own.steps.len();
        }
    }
    let orders = [false, true].map(|alone_first| order(&shared, &alone, alone_first));
    // Of two that are as good, the one that makes before it builds.
    let best = orders.into_iter().min_by_key(|order| shared_runs(order));
    let (mut shared, mut alone) = (shared.steps.into_iter(), alone.steps.into_iter());
    let next = best.into_iter().flatten().map(|is_alone| match is_alone {
        true => alone.next(),
        false => shared.next(),
    });
    let mut ordered: Vec<Step> = next.flatten().collect();
    ordered.extend(shared);
    ordered.extend(alone);
    ordered
}

/// Of which kind each statement is, when as many as can be of one kind are followed by as many of the other.
fn order(shared: &Kind, alone: &Kind, alone_first: bool) -> Vec<bool> {
    let mut order = Vec::new();
    let (mut is_alone, mut stuck) = (alone_first, 0);
    let mut done = [0, 0];
    // Either kind can go on: what comes first in the old order waits for nothing that is not done.
    while stuck < 2 {
        let [one, other] = match is_alone {
            true => [1, 0],
            false => [0, 1],
        };
        let kind = if is_alone { alone } else { shared };
        let ready = kind.others[done[one]..].iter();
        let ready = ready.take_while(|others| **others <= done[other]).count();
        done[one] += ready;
        order.extend(std::iter::repeat_n(is_alone, ready));
        stuck = if ready == 0 { stuck + 1 } else { 0 };
        is_alone = !is_alone;
    }
    order
}

/// How many files the statements take that can share one.
fn shared_runs(order: &[bool]) -> usize {
    let begins = |(place, is_alone): (usize, &bool)| {
        !is_alone && place.checked_sub(1).is_none_or(|before| order[before])
    };
    order.iter().enumerate().filter(|it| begins(*it)).count()
}

impl Kind {
    fn new(changes: usize) -> Self {
        Self {
            steps: Vec::new(),
            others: Vec::new(),
            ends: vec![0; changes],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use underpin_schema::{Object, QualifiedName};

    /// Of each change the statements, written as letters, and what it waits for; a capital letter runs alone.
    fn check(changes: &[(&str, &[usize])], expected: &str) {
        let step = |letter: char| {
            let table = Object::Table(QualifiedName::new("public", "t"));
            Step {
                alone: letter.is_uppercase(),
                ..Step::new(table, letter)
            }
        };
        let steps = changes
            .iter()
            .map(|(letters, _)| letters.chars().map(step).collect());
        let after: Vec<BTreeSet<usize>> = changes
            .iter()
            .map(|(_, after)| after.iter().copied().collect())
            .collect();
        let ordered = few_turns(steps.collect(), &after);
        let letters: String = ordered.into_iter().map(|step| step.sql).collect();
        assert_eq!(letters, expected);
    }

    #[test]
    fn what_runs_alone_stands_together_as_far_as_nothing_waits() {
        check(&[("Aa", &[]), ("Bb", &[]), ("Cc", &[])], "ABCabc");
        check(&[("a", &[]), ("Bb", &[0]), ("Cc", &[0])], "aBCbc");
        check(&[("a", &[]), ("B", &[0]), ("c", &[1]), ("D", &[2])], "aBcD");
        check(&[("A", &[]), ("b", &[]), ("C", &[]), ("d", &[])], "bdAC");
        check(&[("A", &[]), ("b", &[0]), ("C", &[]), ("d", &[])], "ACbd");
        check(&[], "");
    }
}
