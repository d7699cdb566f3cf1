//! Dropping a future after n polls: what a disconnecting client does to a handler.

use std::pin::pin;
use std::task::Poll;

/// Polls `future` at most `polls` times and drops it if it has not finished by then.
///
/// With 0 it is never polled. Run it for 0, 1, 2, … until it returns `Some`, and look after each whether what the future
/// used is still clean.
///
/// # Example
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use underpin_testkit::cancel_after;
/// assert_eq!(cancel_after(0, async { 1 }).await, None);
/// assert_eq!(cancel_after(1, async { 1 }).await, Some(1));
/// assert_eq!(cancel_after(1, tokio::task::yield_now()).await, None);
/// # });
/// ```
pub async fn cancel_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            // The last allowed poll is used up: nothing would wake us in time to count another.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
