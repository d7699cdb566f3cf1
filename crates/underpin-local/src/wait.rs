//! Waiting for a state, with a deadline: the only place of this crate that sleeps.

use std::time::{Duration, Instant};

/// How often a state is looked at. Small against a start of 50 ms, large against the cost of reading a file.
const INTERVAL: Duration = Duration::from_millis(5);

/// A point in time after which nothing is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    /// How long the whole wait may be, for messages.
    pub(crate) budget: Duration,
}

impl Deadline {
    pub(crate) fn after(budget: Duration) -> Self {
        Self {
            at: Instant::now() + budget,
            budget,
        }
    }

    pub(crate) fn passed(self) -> bool {
        Instant::now() >= self.at
    }

    /// Asks `state` until it answers or the deadline passes; asks at least once.
    pub(crate) fn poll<T, E>(
        self,
        mut state: impl FnMut() -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        loop {
            if let Some(answer) = state()? {
                return Ok(Some(answer));
            }
            if self.passed() {
                return Ok(None);
            }
            std::thread::sleep(INTERVAL);
        }
    }
}
