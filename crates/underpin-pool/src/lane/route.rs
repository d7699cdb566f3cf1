//! Which statements are fit for a lane: learnt from how long they took.
//!
//! Times are taken in the client, so a busy machine lengthens some of them. A shorter time is therefore believed at
//! once, a longer one only by an eighth.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// A statement that usually takes longer stays on sessions.
const SLOW_AFTER: Duration = Duration::from_millis(5);
/// How many statements are remembered; others take sessions.
const ROUTES_MAX: usize = 4096;

/// The usual time of each statement, in microseconds, by its SQL.
#[derive(Default)]
pub(super) struct Routes(RwLock<HashMap<Box<str>, AtomicU32>>);

impl Routes {
    /// Is the statement known to be short?
    pub(super) fn admits(&self, sql: &str) -> bool {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        routes.get(sql).is_some_and(|usual| {
            let usual = usual.load(Ordering::Relaxed);
            u128::from(usual) <= SLOW_AFTER.as_micros()
        })
    }

    /// Weighs in one more measurement.
    pub(super) fn learn(&self, sql: &str, took: Duration) {
        if !is_rows_statement(sql) {
            return;
        }
        let took = u32::try_from(took.as_micros()).unwrap_or(u32::MAX).max(1);
        {
            let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(usual) = routes.get(sql) {
                let old = usual.load(Ordering::Relaxed);
                let new = if took < old {
                    took
                } else {
                    old + (took - old) / 8
                };
                usual.store(new, Ordering::Relaxed);
                return;
            }
        }
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if routes.len() < ROUTES_MAX {
            routes.insert(Box::from(sql), AtomicU32::new(took));
        }
    }

    /// Keeps a statement off the lanes until a session has shown that it is short again.
    pub(super) fn expel(&self, sql: &str) {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(usual) = routes.get(sql) {
            usual.store(u32::MAX, Ordering::Relaxed);
        }
    }
}

/// Does the statement read or write rows and leave the session as it was, as far as its first word tells?
fn is_rows_statement(sql: &str) -> bool {
    let word = sql
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    [
        "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE",
    ]
    .iter()
    .any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Duration = Duration::from_micros(200);

    #[test]
    fn only_statements_that_read_or_write_rows_are_admitted() {
        let routes = Routes::default();
        for (sql, expected) in [
            ("SELECT 1", true),
            ("\n  select 1", true),
            ("WITH x AS (SELECT 1) SELECT * FROM x", true),
            ("BEGIN", false),
            ("SET statement_timeout = 0", false),
            ("LISTEN x", false),
            ("COPY t FROM STDIN", false),
            ("/* SELECT */ BEGIN", false),
            ("", false),
        ] {
            routes.learn(sql, FAST);
            assert_eq!(routes.admits(sql), expected, "{sql}");
        }
    }

    #[test]
    fn slow_statements_stay_out_and_expelled_ones_come_back_when_fast_again() {
        let routes = Routes::default();
        assert!(!routes.admits("SELECT 1"), "unknown");
        routes.learn("SELECT 1", SLOW_AFTER * 2);
        assert!(!routes.admits("SELECT 1"), "slow");
        routes.learn("SELECT 2", FAST);
        routes.expel("SELECT 2");
        assert!(!routes.admits("SELECT 2"), "expelled");
        routes.learn("SELECT 2", FAST);
        assert!(routes.admits("SELECT 2"), "fast again");
    }

    #[test]
    fn one_long_time_is_not_believed_but_many_are() {
        let routes = Routes::default();
        routes.learn("SELECT 1", FAST);
        routes.learn("SELECT 1", SLOW_AFTER * 2);
        assert!(routes.admits("SELECT 1"));
        for _ in 0..16 {
            routes.learn("SELECT 1", SLOW_AFTER * 2);
        }
        assert!(!routes.admits("SELECT 1"));
    }

    #[test]
    fn no_more_statements_are_remembered_than_the_limit() {
        let routes = Routes::default();
        for number in 0..=ROUTES_MAX {
            routes.learn(&format!("SELECT {number}"), FAST);
        }
        assert!(!routes.admits(&format!("SELECT {ROUTES_MAX}")));
    }
}
