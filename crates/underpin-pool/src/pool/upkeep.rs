//! What happens while nobody asks: old and long idle connections go, the minimum stays ready.

use super::over::Lifeline;
use super::state::{Idle, Shared};
use super::status::CloseReason;
use std::sync::Weak;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const PERIOD: Duration = Duration::from_secs(1);

/// Runs until the last handle of the pool is gone.
pub(super) async fn run(pool: Weak<Shared>, mut lifeline: Lifeline) {
    let mut tick = interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let Some(pool) = pool.upgrade() else {
            return lifeline.let_go();
        };
        let mut state = pool.state();
        if state.closed {
            return lifeline.let_go();
        }
        let leaving = state.take_leaving(&pool);
        let overdue = pool
            .settings()
            .leak_threshold
            .map(|limit| state.loans.overdue(limit));
        let (idle, used) = (state.idle.len(), state.loans.len());
        let waiting = state.waiters.len();
        pool.create_more(state);
        pool.connector.names().renew();
        pool.instruments.gauges(idle, used, waiting);
        for held in overdue.into_iter().flatten() {
            tracing::warn!(%held, "a session is held for long: is it leaked?");
        }
        for (idle, reason) in leaving {
            pool.discard(idle.connection, reason);
        }
    }
}

impl super::state::State {
    /// Takes out the idle connections that have to go: expired, rejected, or idle for too long beyond the minimum.
    fn take_leaving(&mut self, pool: &Shared) -> Vec<(Idle, CloseReason)> {
        let settings = pool.settings();
        let mut spare = self.idle.len().saturating_sub(settings.min_idle);
        let mut leaving = Vec::new();
        for idle in std::mem::take(&mut self.idle) {
            let bored = spare > 0 && idle.since.elapsed() >= settings.idle_timeout;
            let reason = pool
                .refuses(&idle.connection)
                .or(bored.then_some(CloseReason::Idle));
            match reason {
                None => self.idle.push(idle),
                Some(reason) => {
                    spare = spare.saturating_sub(1);
                    leaving.push((idle, reason));
                }
            }
        }
        leaving
    }
}
