//! Polls a request and its socket together, in the task that waits for the answer.

use crate::wire::Wire;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

pin_project! {
    /// A request on its way. Written by hand rather than as an `async fn`, which would hold the request twice.
    ///
    /// # Cancel safety
    /// Dropping it midway leaves the answer on the wire and marks the connection as not clean.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Drive<'a, F> {
        #[pin]
        request: F,
        waiting: Waiting<'a>,
    }
}

impl<'a, F: Future> Drive<'a, F> {
    pub(crate) fn new(wire: &'a Wire, request: F) -> Self {
        let waiting = Waiting {
            wire,
            slot: None,
            state: State::Unpolled,
        };
        Self { request, waiting }
    }
}

impl<F: Future> Future for Drive<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        this.waiting.state = State::Started;
        let mut answer = this.request.as_mut().poll(cx);
        if answer.is_pending() {
            this.waiting.advance(cx);
            answer = this.request.poll(cx);
        }
        if answer.is_ready() {
            this.waiting.state = State::Finished;
        }
        answer
    }
}

/// One task's wait for an answer.
struct Waiting<'a> {
    wire: &'a Wire,
    slot: Option<usize>,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Unpolled,
    Started,
    Finished,
}

impl Waiting<'_> {
    /// Sends what the request queued and reads what has come.
    fn advance(&mut self, cx: &Context<'_>) {
        let wakers = self.wire.wakers();
        wakers.register(&mut self.slot, cx.waker());
        let waker = Waker::from(wakers.clone());
        self.wire.poll_driver(&mut Context::from_waker(&waker));
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.wire.wakers().leave(self.slot);
        if self.state == State::Started {
            self.wire.abandon();
        }
    }
}
