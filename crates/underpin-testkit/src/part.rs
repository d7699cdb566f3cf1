//! A part of a long list of cases, so that a run of all tests stays short.

use crate::place::variable;

/// One case of so many is tried, unless all are asked for.
const ONE_OF: usize = 3;

/// Every third case, or all of them where `UNDERPIN_TEST_FULL` is set, as `cargo xtask test --full` does.
///
/// `suite` chooses where to begin, so that two suites over the same cases try different ones.
#[must_use]
pub fn part_of<T>(cases: Vec<T>, suite: usize) -> Vec<T> {
    match variable("UNDERPIN_TEST_FULL") {
        Some(_) => cases,
        None => every(cases, suite),
    }
}

fn every<T>(cases: Vec<T>, suite: usize) -> Vec<T> {
    cases
        .into_iter()
        .skip(suite % ONE_OF)
        .step_by(ONE_OF)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_all_suites_are_the_whole() {
        let mut all: Vec<u32> = (0..ONE_OF)
            .flat_map(|suite| every((0..100).collect(), suite))
            .collect();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }
}
