//! Whether and when a transaction is run again.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How often a transaction is run again after a serialization failure or a deadlock.
const RETRIES_MAX: u32 = 5;
/// How often one is run again because a statement was out of date. Each time one session forgets all that is out of date;
/// with every session of a large pool that must be over.
const STALE_MAX: u32 = 100;
/// The pause before the first retry is drawn from up to this long; it doubles each time.
const PAUSE: Duration = Duration::from_millis(20);

/// Why a transaction may run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// Another transaction was in its way.
    Rival,
    /// A statement was out of date.
    Stale,
}

/// Counts how often a transaction was run again.
#[derive(Debug, Default)]
pub(crate) struct Retries {
    rivals: u32,
    stale: u32,
    last: Option<Again>,
}

impl Retries {
    /// May it run again for this reason? Counts it when so.
    pub(crate) fn allow(&mut self, again: Option<Again>) -> bool {
        let (count, most) = match again {
            None => return false,
            Some(Again::Rival) => (&mut self.rivals, RETRIES_MAX),
            Some(Again::Stale) => (&mut self.stale, STALE_MAX),
        };
        self.last = again;
        let allowed = *count < most;
        *count += u32::from(allowed);
        allowed
    }

    /// Waits a random time that grows with the number of retries, so that two rivals do not meet again.
    pub(crate) async fn pause(&self) {
        if self.last == Some(Again::Stale) {
            return;
        }
        let longest = PAUSE * 2_u32.pow(self.rivals.clamp(1, RETRIES_MAX) - 1);
        let pause = rand::random_range(Duration::from_millis(1)..=longest);
        sleep_until(Instant::now() + pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rivals_and_statements_out_of_date_are_counted_apart() {
        let mut retries = Retries::default();
        assert!(!retries.allow(None));
        for _ in 0..RETRIES_MAX {
            assert!(retries.allow(Some(Again::Stale)));
            assert!(retries.allow(Some(Again::Rival)));
        }
        assert!(!retries.allow(Some(Again::Rival)));
        assert!(retries.allow(Some(Again::Stale)));
    }
}
