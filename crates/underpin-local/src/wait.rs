//! Waiting for a state, with a deadline: the only place of this crate that sleeps.

use crate::Interrupt;
use std::time::{Duration, Instant};

/// How often a state is looked at. Small against a start of 50 ms, large against the cost of reading a file.
const INTERVAL: Duration = Duration::from_millis(5);

/// A point in time after which nothing is waited for, or an earlier one at which somebody interrupts.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    at: Instant,
    /// How long the whole wait may be, for messages.
    pub(crate) budget: Duration,
    interrupt: Interrupt,
}

impl Deadline {
    pub(crate) fn after(budget: Duration) -> Self {
        Self {
            at: Instant::now() + budget,
            budget,
            interrupt: Interrupt::new(),
        }
    }

    /// Passes also when this is raised.
    pub(crate) fn unless(self, interrupt: &Interrupt) -> Self {
        Self {
            interrupt: interrupt.clone(),
            ..self
        }
    }

    pub(crate) fn passed(&self) -> bool {
        self.is_interrupted() || Instant::now() >= self.at
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt.is_raised()
    }

    /// Asks `state` until it answers or the deadline passes; asks at least once.
    pub(crate) fn poll<T, E>(
        &self,
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
