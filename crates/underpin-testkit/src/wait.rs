//! Waiting for a state with a deadline: the only form of waiting in tests.

use std::time::{Duration, Instant};

/// How often a state is looked at.
const INTERVAL: Duration = Duration::from_millis(5);

/// Asks `condition` until it is true.
///
/// # Panics
/// When `deadline` passes first, naming the caller's line.
///
/// # Example
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use std::time::{Duration, Instant};
/// let begin = Instant::now();
/// underpin_testkit::wait_until(Duration::from_secs(5), async || begin.elapsed() > Duration::from_millis(20)).await;
/// # });
/// ```
#[track_caller]
pub fn wait_until(
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> bool,
) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let asked = wait_for(deadline, async || condition().await.then_some(())).await;
        assert!(
            asked.is_some(),
            "the state waited for at {caller} did not come within {deadline:?}"
        );
    }
}

/// Asks `question` until it answers; None when `deadline` passes first. Asks at least once.
pub async fn wait_for<T>(
    deadline: Duration,
    mut question: impl AsyncFnMut() -> Option<T>,
) -> Option<T> {
    let end = Instant::now() + deadline;
    loop {
        if let Some(answer) = question().await {
            return Some(answer);
        }
        if Instant::now() >= end {
            return None;
        }
        pause(INTERVAL).await;
    }
}

/// Time passes: between two looks at a state, and as the delay that a fault consists of.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of the test kit that sleeps"
)]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}
