//! Ending early what takes long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells work that is under way to end early. Clones tell the same work.
///
/// A start gives up, and ends the server that it has just launched; a stop no longer waits for a checkpoint.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// One that is not raised yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells the work to end. There is no way back.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Was it told to end?
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
