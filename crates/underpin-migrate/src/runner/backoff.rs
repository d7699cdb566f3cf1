//! Growing random pauses.

use rand::RngExt;
use std::time::Duration;

/// The pauses between attempts: each about half as long again as the one before, up to a limit, with up to half of it
/// drawn at random, so that processes that started together do not meet again.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self {
            next: first,
            longest,
        }
    }

    /// The next pause.
    pub(super) fn next(&mut self) -> Duration {
        let whole = self.next;
        self.next = (whole * 3 / 2).min(self.longest);
        whole.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

/// Waits.
#[expect(
    clippy::disallowed_methods,
    reason = "the runner's one pause; its callers count attempts or keep a deadline"
)]
pub(super) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_differ() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        let pauses: Vec<_> = (0..20).map(|_| backoff.next()).collect();
        assert!((50..=100).contains(&pauses[0].as_millis()));
        assert!(pauses.iter().all(|it| *it <= Duration::from_secs(1)));
        assert!(
            pauses[10..]
                .iter()
                .all(|it| *it >= Duration::from_millis(500))
        );
        assert!(pauses[10..].iter().any(|it| *it != pauses[10]));
    }
}
