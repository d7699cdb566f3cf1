//! A moment whose age is never told too young.

use std::time::{Duration, Instant, SystemTime};

/// A moment in the past of this machine.
///
/// `Instant` stands still while the machine is suspended, and the clock on the wall may be set back: its age is the
/// greater of what both say. So data that were fresh before a suspension are old after it; a clock that is set forward
/// makes them look older than they are, until they are looked at again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    at: Instant,
    on_the_wall: SystemTime,
    /// It was this long before those two.
    earlier: Duration,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self {
            at: Instant::now(),
            on_the_wall: SystemTime::now(),
            earlier: Duration::ZERO,
        }
    }

    /// The moment that was this long before.
    pub(super) fn before(self, duration: Duration) -> Self {
        Self {
            earlier: self.earlier.saturating_add(duration),
            ..self
        }
    }

    pub(super) fn age(&self) -> Duration {
        let on_the_wall = self.on_the_wall.elapsed().unwrap_or_default();
        self.at
            .elapsed()
            .max(on_the_wall)
            .saturating_add(self.earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn moment_is_as_old_as_the_clock_that_went_on_says() {
        let now = Moment::now();
        assert!(now.age() < HOUR);
        assert!(now.before(HOUR).age() >= HOUR);
        let suspended = Moment {
            on_the_wall: SystemTime::now() - HOUR,
            ..now
        };
        assert!(suspended.age() >= HOUR);
        let set_back = Moment {
            on_the_wall: SystemTime::now() + HOUR,
            ..now
        };
        assert!(set_back.age() < HOUR);
    }
}
