//! The pause before a transaction is run again.

use std::time::Duration;

/// The pause before the first retry is drawn from up to this long; it doubles each time.
const FIRST: Duration = Duration::from_millis(10);

/// Waits a random time that grows with the number of retries, so that two rivals do not meet again.
pub(crate) async fn pause(retry: u32) {
    let longest = FIRST * 2_u32.saturating_pow(retry.min(6));
    let pause = rand::random_range(Duration::from_millis(1)..=longest);
    tokio::time::timeout(pause, std::future::pending::<()>())
        .await
        .unwrap_or_default();
}
