//! Which statements are fit for a lane: learnt from how long they took.
//!
//! Times are taken in the client, so a busy machine lengthens some of them. A shorter time is therefore believed at
//! once, a longer one only by an eighth, however long it is: it takes several in a row to change the mind.

use crate::footprint::{Footprint, Names, Verdict};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// A statement that usually takes longer stays on sessions.
const SLOW_AFTER: Duration = Duration::from_millis(5);
/// How many statements are remembered; others take sessions.
const ROUTES_MAX: usize = 4096;

/// A statement that a lane had no time for stays out for this long, and twice as long after each time more, unless a
/// session shows sooner that it is short: one slow moment of the server must not keep it from the lanes for as long as
/// no session is free.
const PROBATION: Duration = Duration::from_secs(1);
/// How often that is doubled at most.
const DOUBLINGS_MAX: u32 = 6;

/// What is known of each statement, by its SQL.
pub(super) struct Routes {
    names: Arc<Names>,
    known: RwLock<HashMap<Box<str>, Route>>,
    began: Instant,
}

struct Route {
    footprint: Footprint,
    /// Twice the edition of the names by which it was judged, and one more when it leaves nothing.
    judged: AtomicU64,
    /// The usual time, in microseconds.
    usual: AtomicU32,
    /// Until when it stays out, in milliseconds since the pool began.
    barred: AtomicU64,
    /// How often in a row a lane had no time for it.
    strikes: AtomicU32,
}

impl Routes {
    pub(super) fn of(names: Arc<Names>) -> Self {
        Self {
            names,
            known: RwLock::default(),
            began: Instant::now(),
        }
    }

    /// Is the statement known to be short, and to leave nothing?
    pub(super) fn fits(&self, sql: &str) -> bool {
        let routes = self.known.read().unwrap_or_else(PoisonError::into_inner);
        routes.get(sql).is_some_and(|route| {
            let usual = route.usual.load(Ordering::Relaxed);
            u128::from(usual) <= SLOW_AFTER.as_micros() && route.leaves_nothing(&self.names)
        })
    }

    /// For how long the statement must stay out, although it is short.
    pub(super) fn bars(&self, sql: &str) -> Option<Duration> {
        let routes = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let barred = routes.get(sql)?.barred.load(Ordering::Relaxed);
        let rest = barred.checked_sub(self.now())?;
        (rest > 0).then(|| Duration::from_millis(rest))
    }

    /// Weighs in one more measurement.
    pub(super) fn learn(&self, sql: &str, took: Duration) {
        let took = took.min(SLOW_AFTER * 2);
        let took = u32::try_from(took.as_micros()).unwrap_or(u32::MAX).max(1);
        {
            let routes = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(route) = routes.get(sql) {
                let old = route.usual.load(Ordering::Relaxed);
                let new = if took < old {
                    took
                } else {
                    old + (took - old) / 8
                };
                route.usual.store(new, Ordering::Relaxed);
                if u128::from(took) <= SLOW_AFTER.as_micros() {
                    route.forgive();
                }
                return;
            }
            if routes.len() >= ROUTES_MAX {
                return;
            }
        }
        let footprint = Footprint::of(sql);
        if !footprint.may_leave_nothing() {
            return;
        }
        let mut routes = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if routes.len() < ROUTES_MAX {
            routes.insert(Box::from(sql), Route::new(footprint, took));
        }
    }

    /// Keeps a statement off the lanes until a session has shown that it is short again, or for a while.
    pub(super) fn expel(&self, sql: &str) {
        let routes = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = routes.get(sql) {
            route.bar(self.now());
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Route {
    fn new(footprint: Footprint, took: u32) -> Self {
        Self {
            footprint,
            judged: AtomicU64::new(0),
            usual: AtomicU32::new(took),
            barred: AtomicU64::new(0),
            strikes: AtomicU32::new(0),
        }
    }

    fn leaves_nothing(&self, names: &Names) -> bool {
        let edition = names.edition();
        let judged = self.judged.load(Ordering::Relaxed);
        if judged / 2 == edition {
            return judged % 2 == 1;
        }
        let leaves_nothing = names.judge(&self.footprint) == Verdict::Nothing;
        self.judged
            .store(edition * 2 + u64::from(leaves_nothing), Ordering::Relaxed);
        leaves_nothing
    }

    fn bar(&self, now: u64) {
        let strikes = self.strikes.fetch_add(1, Ordering::Relaxed);
        let pause = PROBATION * (1 << strikes.min(DOUBLINGS_MAX));
        let pause = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        self.barred.store(now + pause, Ordering::Relaxed);
    }

    fn forgive(&self) {
        if self.barred.load(Ordering::Relaxed) != 0 {
            self.barred.store(0, Ordering::Relaxed);
            self.strikes.store(0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Duration = Duration::from_micros(200);

    #[test]
    fn only_statements_that_read_or_write_rows_are_admitted() {
        let routes = Routes::of(Arc::default());
        for (sql, expected) in [
            ("SELECT 1", true),
            ("\n  select 1", true),
            ("SELECT 'a', $1", true),
            ("SELECT unknown()", false),
            ("SELECT 1; SELECT 2", false),
            ("BEGIN", false),
            ("SET statement_timeout = 0", false),
            ("LISTEN x", false),
            ("COPY t FROM STDIN", false),
            ("/* SELECT */ BEGIN", false),
            ("", false),
        ] {
            routes.learn(sql, FAST);
            assert_eq!(routes.fits(sql), expected, "{sql}");
        }
    }

    #[test]
    fn slow_statements_stay_out_and_expelled_ones_come_back_when_fast_again() {
        let routes = Routes::of(Arc::default());
        assert!(!routes.fits("SELECT 1"), "unknown");
        routes.learn("SELECT 1", SLOW_AFTER * 2);
        assert!(!routes.fits("SELECT 1"), "slow");
        routes.learn("SELECT 2", FAST);
        routes.expel("SELECT 2");
        assert!(routes.bars("SELECT 2").is_some(), "expelled");
        routes.learn("SELECT 2", FAST);
        assert!(routes.bars("SELECT 2").is_none(), "fast again");
    }

    #[test]
    fn one_long_time_is_not_believed_but_many_are() {
        let routes = Routes::of(Arc::default());
        routes.learn("SELECT 1", FAST);
        routes.learn("SELECT 1", SLOW_AFTER * 2);
        assert!(routes.fits("SELECT 1"));
        for _ in 0..16 {
            routes.learn("SELECT 1", SLOW_AFTER * 2);
        }
        assert!(!routes.fits("SELECT 1"));
    }

    #[test]
    fn no_more_statements_are_remembered_than_the_limit() {
        let routes = Routes::of(Arc::default());
        for number in 0..=ROUTES_MAX {
            routes.learn(&format!("SELECT {number}"), FAST);
        }
        assert!(!routes.fits(&format!("SELECT {ROUTES_MAX}")));
    }
}
