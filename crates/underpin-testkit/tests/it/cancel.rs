//! Futures dropped after n polls.

use underpin_testkit::cancel_after;

#[tokio::test]
async fn a_future_is_never_polled_with_zero_polls() {
    let mut polled = false;
    assert_eq!(cancel_after(0, async { polled = true }).await, None);
    assert!(!polled);
}

#[tokio::test]
async fn a_future_that_needs_three_polls_is_dropped_after_two_and_finishes_after_three() {
    let three = || async {
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        "done"
    };
    assert_eq!(cancel_after(1, three()).await, None);
    assert_eq!(cancel_after(2, three()).await, None);
    assert_eq!(cancel_after(3, three()).await, Some("done"));
}
