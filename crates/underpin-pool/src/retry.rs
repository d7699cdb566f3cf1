//! Whether and when a transaction is run again.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How often a transaction is run again after a serialization failure or a deadlock.
const RETRIES_MAX: u32 = 5;
/// The pause before the first retry is drawn from up to this long; it doubles each time.
const PAUSE: Duration = Duration::from_millis(20);

/// Counts how often a transaction was run again.
#[derive(Debug, Default)]
pub(crate) struct Retries(u32);

impl Retries {
    /// May it run again after a failure of this kind? Counts it when so.
    pub(crate) fn allow(&mut self, retryable: bool) -> bool {
        let allowed = retryable && self.0 < RETRIES_MAX;
        self.0 += u32::from(allowed);
        allowed
    }

    /// Waits a random time that grows with the number of retries, so that two rivals do not meet again.
    pub(crate) async fn pause(&self) {
        let longest = PAUSE * 2_u32.pow(self.0.min(RETRIES_MAX) - 1);
        let pause = rand::random_range(Duration::from_millis(1)..=longest);
        sleep_until(Instant::now() + pause).await;
    }
}
