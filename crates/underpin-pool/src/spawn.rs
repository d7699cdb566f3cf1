//! Background tasks that do not fail in silence.

use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

/// Wraps a future to be spawned: a panic in it is logged with the task's name.
pub async fn supervised<F: Future<Output = ()>>(task: &'static str, future: F) {
    if let Err(panic) = AssertUnwindSafe(future).catch_unwind().await {
        let reason = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("unknown");
        tracing::error!(task, reason, "a background task panicked");
    }
}
