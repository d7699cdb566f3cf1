//! Which migration follows which: a graph with one head, or with several after two branches were merged.

use super::{Migration, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What each migration of a chain follows: the `parent=` at its top, or, without one, all heads that are older.
#[derive(Debug)]
pub(crate) struct Graph {
    parents: BTreeMap<Version, Vec<Version>>,
}

impl Graph {
    /// Of migrations in the order of their versions.
    pub(crate) fn new(migrations: &[Arc<Migration>]) -> Self {
        let mut parents = BTreeMap::new();
        let mut heads = BTreeSet::new();
        let mut squashed = BTreeMap::new();
        for migration in migrations {
            let declared = &migration.up.header().parents;
            let standing_for = |version: &Version| *squashed.get(version).unwrap_or(version);
            let follows: Vec<Version> = if declared.is_empty() {
                heads.iter().copied().collect()
            } else {
                declared.iter().map(standing_for).collect()
            };
            let replaced = migration.up.header().replaces.iter();
            squashed.extend(replaced.map(|it| (*it, migration.version)));
            for parent in &follows {
                heads.remove(parent);
            }
            heads.insert(migration.version);
            parents.insert(migration.version, follows);
        }
        Self { parents }
    }

    /// Those of the chosen that no other chosen one follows, oldest first.
    pub(crate) fn heads(&self, is_chosen: impl Fn(Version) -> bool) -> Vec<Version> {
        let mut followed: BTreeSet<Version> = BTreeSet::new();
        let mut heads = Vec::new();
        // Parents are older, so that each comes after all that follow it.
        for (version, parents) in self.parents.iter().rev() {
            let is_followed = followed.contains(version);
            let is_chosen = is_chosen(*version);
            if is_chosen && !is_followed {
                heads.push(*version);
            }
            if is_chosen || is_followed {
                followed.extend(parents);
            }
        }
        heads.reverse();
        heads
    }

    /// A migration and all that it follows, directly or not.
    pub(crate) fn history(&self, version: Version) -> BTreeSet<Version> {
        let mut history = BTreeSet::from([version]);
        for (version, parents) in self.parents.range(..=version).rev() {
            if history.contains(version) {
                history.extend(parents);
            }
        }
        history
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chain;

    fn version(day: u32) -> Version {
        format!("202405{day:02}000000").parse().expect("a day")
    }

    /// `parents` are days of May; empty: none declared.
    fn graph(files: &[(u32, &[u32])]) -> Graph {
        let folder = tempfile::tempdir().expect("a folder");
        for (day, parents) in files {
            let parents: Vec<_> = parents.iter().map(|it| version(*it).to_string()).collect();
            let text = match parents.as_slice() {
                [] => String::from("SELECT 1"),
                parents => format!("-- underpin: parent={}\nSELECT 1", parents.join(",")),
            };
            let file = folder.path().join(format!("{}_m.up.sql", version(*day)));
            std::fs::write(file, text).expect("a file");
        }
        let chain = Chain::from_dir("app", folder.path()).expect("a chain");
        Graph::new(chain.migrations())
    }

    fn days(versions: impl IntoIterator<Item = Version>) -> Vec<u32> {
        let day = |it: Version| u32::try_from(it.to_i64() / 1_000_000 % 100).expect("a day");
        versions.into_iter().map(day).collect()
    }

    #[test]
    fn heads_are_what_nothing_follows() {
        let check = |files: &[(u32, &[u32])], expected: &[u32]| {
            assert_eq!(days(graph(files).heads(|_| true)), expected, "{files:?}");
        };
        check(&[], &[]);
        check(&[(1, &[]), (2, &[]), (3, &[])], &[3]);
        check(&[(1, &[]), (2, &[1]), (3, &[1])], &[2, 3]);
        check(&[(1, &[]), (2, &[1]), (3, &[1]), (4, &[2, 3])], &[4]);
        check(&[(1, &[]), (2, &[1]), (3, &[1]), (4, &[3])], &[2, 4]);
        // Without a parent a file follows all that is older, as in a folder without any.
        check(&[(1, &[]), (2, &[1]), (3, &[1]), (4, &[])], &[4]);
    }

    #[test]
    fn heads_of_a_part_may_be_linked_by_what_is_not_in_it() {
        let graph = graph(&[(1, &[]), (2, &[1]), (3, &[2]), (4, &[1])]);
        assert_eq!(days(graph.heads(|it| it != version(2))), [3, 4]);
        assert_eq!(days(graph.heads(|it| it <= version(2))), [2]);
        assert_eq!(days(graph.history(version(3))), [1, 2, 3]);
        assert_eq!(days(graph.history(version(4))), [1, 4]);
    }
}
