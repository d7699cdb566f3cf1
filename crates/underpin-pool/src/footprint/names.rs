//! What is known of the names of a database: whether anything behind them leaves something in a session.
//!
//! The catalogue is asked once for each name, in the background, on a session that is being cleaned anyway; until then the
//! name counts as one that leaves something. What is known is asked for again from time to time, and forgotten when a
//! statement of this pool changes the schema.

use super::{CASTS, Footprint};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Known names are asked for again after this long.
const RENEW_AFTER: Duration = Duration::from_secs(60);
/// After a question that failed none is asked for this long.
const PAUSE: Duration = Duration::from_secs(60);
/// More names are not remembered: statements with others count as leaving something.
const NAMES_MAX: usize = 50_000;

/// What is left behind; the greater, the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Verdict {
    /// Nothing, and nothing is there twice when it runs twice and is rolled back once.
    #[default]
    Nothing,
    /// Nothing in the session, but running it twice shows: it is for sessions only.
    Once,
    /// Something, or nobody knows.
    Something,
}

/// One name: what stands behind it, and what that calls in turn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Name {
    pub(super) read: Effect,
    pub(super) write: Effect,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Effect {
    pub(super) verdict: Verdict,
    pub(super) calls: BTreeSet<Box<str>>,
}

/// The names of one database, as far as they are known.
#[derive(Debug)]
pub(crate) struct Names {
    known: RwLock<HashMap<Box<str>, Name>>,
    wanted: Mutex<Wanted>,
    wants: AtomicBool,
    /// Grows whenever something that was known changes.
    edition: AtomicU64,
    /// Grows whenever the schema changes.
    schema: AtomicU64,
}

#[derive(Debug)]
struct Wanted {
    names: BTreeSet<Box<str>>,
    renewed: Instant,
    /// The catalogue did not answer: nothing is asked before.
    paused: Option<Instant>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            known: RwLock::default(),
            wanted: Mutex::new(Wanted {
                names: BTreeSet::new(),
                renewed: Instant::now(),
                paused: None,
            }),
            wants: AtomicBool::new(false),
            edition: AtomicU64::new(1),
            schema: AtomicU64::new(0),
        }
    }
}

impl Names {
    /// A verdict holds for as long as this number stays the same.
    pub(crate) fn edition(&self) -> u64 {
        self.edition.load(Ordering::Acquire)
    }

    /// What the text leaves behind, by what is known now. What is not known is asked for later.
    pub(crate) fn judge(&self, footprint: &Footprint) -> Verdict {
        if footprint.is_dirty {
            return Verdict::Something;
        }
        let of_text = match footprint.is_rows {
            true => Verdict::Nothing,
            false => Verdict::Once,
        };
        if footprint.names.is_empty() {
            return of_text;
        }
        let mut unknown = BTreeSet::new();
        let of_names = self.follow(footprint, &mut unknown);
        if unknown.is_empty() {
            return of_names.max(of_text);
        }
        self.want(unknown);
        Verdict::Something
    }

    fn follow(&self, footprint: &Footprint, unknown: &mut BTreeSet<Box<str>>) -> Verdict {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut verdict = Verdict::Nothing;
        let mut seen: HashSet<&str> = HashSet::new();
        let mut open: Vec<&str> = footprint.names.iter().map(|name| &**name).collect();
        open.push(CASTS);
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let Some(name) = known.get(name) else {
                unknown.insert(Box::from(name));
                continue;
            };
            let effect = match footprint.writes {
                true => &name.write,
                false => &name.read,
            };
            verdict = verdict.max(effect.verdict);
            open.extend(effect.calls.iter().map(|call| &**call));
        }
        verdict
    }

    fn want(&self, names: BTreeSet<Box<str>>) {
        let mut wanted = self.wanted();
        let is_paused = wanted.paused.is_some_and(|until| Instant::now() < until);
        if !is_paused && wanted.names.len() + names.len() <= NAMES_MAX {
            wanted.names.extend(names);
            self.wants.store(true, Ordering::Release);
        }
    }

    /// Does nobody ask yet, though there is something to ask? Says so to one only.
    pub(crate) fn want_an_asker(&self) -> bool {
        self.wants.load(Ordering::Acquire) && self.wants.swap(false, Ordering::AcqRel)
    }

    /// Is there anything to ask?
    pub(crate) fn are_wanted(&self) -> bool {
        !self.wanted().names.is_empty()
    }

    /// What is to be asked, once.
    pub(super) fn take_wanted(&self) -> BTreeSet<Box<str>> {
        self.wants.store(false, Ordering::Release);
        std::mem::take(&mut self.wanted().names)
    }

    /// Those of `names` that nothing is known of.
    pub(super) fn unknown(&self, names: &BTreeSet<Box<str>>) -> BTreeSet<Box<str>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        names
            .iter()
            .filter(|name| !known.contains_key(*name))
            .cloned()
            .collect()
    }

    /// Notes what the catalogue said, unless the schema was changed meanwhile.
    pub(super) fn learn(&self, schema: u64, news: HashMap<Box<str>, Name>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if self.schema() != schema {
            return;
        }
        if known.len() + news.len() > NAMES_MAX {
            known.clear();
        }
        let changes = news.iter().any(|(name, new)| known.get(name) != Some(new));
        known.extend(news);
        if changes {
            self.edition.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Forgets all: the schema has changed.
    pub(crate) fn forget(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.clear();
        self.schema.fetch_add(1, Ordering::AcqRel);
        self.edition.fetch_add(1, Ordering::AcqRel);
    }

    /// The schema has not changed as long as this number stays the same.
    pub(super) fn schema(&self) -> u64 {
        self.schema.load(Ordering::Acquire)
    }

    /// The catalogue did not answer: lets it alone for a while.
    pub(super) fn pause(&self) {
        self.wanted().paused = Some(Instant::now() + PAUSE);
    }

    /// Asks for all names again when they have been known for long. Until the answer comes they count as they were known.
    pub(crate) fn renew(&self) {
        let mut wanted = self.wanted();
        if wanted.renewed.elapsed() < RENEW_AFTER {
            return;
        }
        wanted.paused = None;
        wanted.renewed = Instant::now();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        wanted.names.extend(known.keys().cloned());
        self.wants
            .store(!wanted.names.is_empty(), Ordering::Release);
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(read: Verdict, write: Verdict, calls: &[&str]) -> Name {
        let effect = |verdict| Effect {
            verdict,
            calls: calls.iter().map(|call| Box::from(*call)).collect(),
        };
        Name {
            read: effect(read),
            write: effect(write),
        }
    }

    fn names(known: &[(&str, Name)]) -> Names {
        let names = Names::default();
        let mut news: HashMap<Box<str>, Name> = known
            .iter()
            .map(|(text, name)| (Box::from(*text), name.clone()))
            .collect();
        news.insert(
            Box::from(CASTS),
            name(Verdict::Nothing, Verdict::Nothing, &[]),
        );
        names.learn(names.schema(), news);
        names
    }

    fn judge(names: &Names, sql: &str) -> Verdict {
        names.judge(&Footprint::of(sql))
    }

    #[test]
    fn a_name_counts_by_what_stands_behind_it() {
        use Verdict::{Nothing, Once, Something};
        let names = names(&[
            ("t", name(Nothing, Something, &[])),
            ("v", name(Nothing, Nothing, &["t", "f"])),
            ("w", name(Nothing, Nothing, &["v", "w"])),
            ("f", name(Nothing, Nothing, &[])),
            ("s", name(Once, Once, &[])),
        ]);
        for (sql, expected) in [
            ("SELECT 1", Nothing),
            ("SELECT f() FROM t", Nothing),
            ("SELECT f FROM w", Nothing),
            ("DELETE FROM t", Something),
            ("DELETE FROM w", Something),
            ("SELECT s()", Once),
            ("BEGIN", Once),
            ("SELECT g()", Something),
            ("SET x = 1", Something),
        ] {
            assert_eq!(judge(&names, sql), expected, "{sql}");
        }
        assert_eq!(
            names.take_wanted().into_iter().collect::<Vec<_>>(),
            [Box::from("g")]
        );
    }

    #[test]
    fn what_came_before_a_change_of_the_schema_is_not_believed() {
        let names = names(&[]);
        let schema = names.schema();
        names.forget();
        let late = HashMap::from([(
            Box::from("t"),
            name(Verdict::Nothing, Verdict::Nothing, &[]),
        )]);
        names.learn(schema, late);
        assert_eq!(judge(&names, "SELECT t"), Verdict::Something);
    }
}
