//! The prepared statements of one connection, bounded, least recently used out first.

use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio_postgres::Statement;

/// Statements by their SQL text. Dropping one closes it on the server, without a wait.
pub(crate) struct Statements(Mutex<LruCache<Box<str>, Statement>>);

impl Statements {
    /// A capacity of zero counts as one: the driver needs a statement while it runs.
    pub(crate) fn new(capacity: usize) -> Self {
        let capacity = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        Self(Mutex::new(LruCache::new(capacity)))
    }

    pub(crate) fn get(&self, sql: &str) -> Option<Statement> {
        self.lock().get(sql).cloned()
    }

    pub(crate) fn insert(&self, sql: &str, statement: Statement) {
        // The evicted statement is dropped after the lock is released: its Drop sends a message.
        let _evicted = self.lock().push(Box::from(sql), statement);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Box<str>, Statement>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
