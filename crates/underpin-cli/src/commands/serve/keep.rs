//! The embedded server is started again when it dies under the service.

use crate::context::Context;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};
use underpin_core::Chain;
use underpin_server::App;

/// How often the server is looked at: two files of the kernel.
const LOOK: Duration = Duration::from_millis(500);

/// At most this often within [`WINDOW`]: a server that keeps dying needs somebody who reads its log.
const RESTARTS_MAX: usize = 5;

/// See [`RESTARTS_MAX`].
const WINDOW: Duration = Duration::from_secs(600);

/// The pause after the first failure to start it; it doubles, up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_secs(1);

/// See [`PAUSE`].
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Looks at the embedded server, if there is one, and starts it again when it died. One that was stopped stays so.
pub(super) async fn keep(app: &App, context: &Context) -> Infallible {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut restarts = VecDeque::new();
    let mut pause = PAUSE;
    let mut not_before = Instant::now();
    loop {
        let now = looks.tick().await;
        if now < not_before || !context.has_embedded_server_died().await {
            continue;
        }
        restarts.retain(|at| now.duration_since(*at) < WINDOW);
        if let (true, Some(first)) = (restarts.len() >= RESTARTS_MAX, restarts.front()) {
            not_before = *first + WINDOW;
            tracing::error!(
                restarts = restarts.len(),
                "the embedded server keeps dying: it is not started again for a while, look at its log"
            );
            continue;
        }
        restarts.push_back(now);
        tracing::warn!("the embedded server died: starting it again");
        match context.restart_embedded_server().await {
            Ok(()) => {
                pause = PAUSE;
                app.note_restart();
                tracing::warn!(restarts = restarts.len(), "the embedded server runs again");
            }
            Err(error) => {
                not_before = Instant::now() + pause;
                pause = PAUSE_MAX.min(pause * 2);
                tracing::error!(error = %Chain(error.as_ref()), "the embedded server could not be started again");
            }
        }
    }
}
