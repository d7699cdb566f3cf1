//! What the statements of a session have left in it, and how it is washed off.
//!
//! Costs a look into a table for a statement that is known to leave nothing; see [`crate::footprint`] for how that is known.

use super::Wire;
use crate::Error;
use crate::footprint::{Footprint, Names, Verdict};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Texts that are remembered as leaving nothing.
const KNOWN_MAX: usize = 1024;

/// Everything of a session that outlives its transactions, but what the driver itself has prepared. Its first row tells how
/// many of the driver's statements are there, and what takes away those of PREPARE.
const WASH: &str = "SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL;
    SELECT pg_catalog.concat_ws(' ', pg_catalog.count(*) FILTER (WHERE NOT from_sql),
        pg_catalog.string_agg(pg_catalog.format('DEALLOCATE %I;', name), ' ') FILTER (WHERE from_sql))
        FROM pg_catalog.pg_prepared_statements;
    CLOSE ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES;
    SELECT pg_catalog.setseed(";

/// What is known of the session's traces.
#[derive(Debug, Default)]
pub(super) struct Traces {
    names: Arc<Names>,
    known: Mutex<Known>,
    /// Is the session one of a pool? What runs elsewhere has no next borrower.
    watched: AtomicBool,
    left: AtomicBool,
    changed_schema: AtomicBool,
    /// Settings that the pool itself has made in the session.
    own: OnceLock<String>,
}

#[derive(Debug, Default)]
struct Known {
    edition: u64,
    texts: HashSet<Box<str>, lru::DefaultHasher>,
}

impl Traces {
    pub(super) fn of(names: Arc<Names>) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Acquire)
    }

    fn is_known(&self, sql: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let edition = self.names.edition();
        if known.edition != edition {
            known.texts.clear();
            known.edition = edition;
        }
        known.texts.contains(sql)
    }

    fn judge(&self, sql: &str) {
        let edition = self.names.edition();
        let footprint = Footprint::of(sql);
        if footprint.changes_schema() {
            self.changed_schema.store(true, Ordering::Release);
            self.names.forget();
        }
        if self.names.judge(&footprint) == Verdict::Something {
            self.left.store(true, Ordering::Release);
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.texts.len() >= KNOWN_MAX {
            known.texts.clear();
        }
        if known.edition == edition {
            known.texts.insert(Box::from(sql));
        }
    }

    fn forget(&self) {
        self.left.store(false, Ordering::Release);
        if self.changed_schema.swap(false, Ordering::AcqRel) {
            // What was asked while the change was under way may have come from before.
            self.names.forget();
        }
    }
}

impl Wire {
    /// Notes what a statement may leave in the session, before it is sent.
    pub(crate) fn note(&self, sql: &str) {
        // Behind a pooler the statements of a session land on sessions that are not ours to wash.
        if self.traces.is_watched() && !self.statements.is_pooled() && !self.traces.is_known(sql) {
            self.traces.judge(sql);
        }
    }

    /// May something be left in the session?
    pub(crate) fn has_traces(&self) -> bool {
        self.traces.left.load(Ordering::Acquire)
    }

    /// The session goes to borrowers from now on: what its start-up has left belongs to it.
    pub(crate) fn watch_traces(&self) {
        self.traces.watched.store(true, Ordering::Release);
    }

    /// Makes settings that belong to the session.
    pub(crate) async fn settle_in(&self, sql: String) -> Result<(), Error> {
        self.batch(&sql).await?;
        let _ = self.traces.own.set(sql);
        Ok(())
    }

    /// Takes settings back to what the session's start-up made of them.
    pub(crate) async fn reset(&self, names: [&str; 2]) -> Result<(), Error> {
        let own = self.traces.own.get().map_or("", String::as_str);
        let [one, other] = names;
        self.batch(&format!("RESET {one}; RESET {other}; {own}"))
            .await?;
        // They were the pool's own settings, and are gone.
        self.traces.left.store(false, Ordering::Release);
        Ok(())
    }

    /// Brings the session back to what its start-up made of it: settings, role, cursors, channels, locks, temporary
    /// tables, sequences, statements prepared by name. Statements that the driver has prepared stay.
    pub(crate) async fn wash(&self) -> Result<(), Error> {
        let own = self.traces.own.get().map_or("", String::as_str);
        let seed: f64 = rand::random_range(-1.0..=1.0);
        let wash = format!("{WASH}{seed}); {own}");
        let prepared = self.query_one_simple(&wash).await?.unwrap_or_default();
        let (count, deallocate) = prepared.split_once(' ').unwrap_or((&prepared, ""));
        if !deallocate.is_empty() {
            self.batch(deallocate).await?;
        }
        if count
            .parse()
            .is_ok_and(|count: usize| count < self.statements.kept())
        {
            // A DISCARD or DEALLOCATE took some away.
            self.forget_statements();
        }
        self.traces.forget();
        Ok(())
    }
}
