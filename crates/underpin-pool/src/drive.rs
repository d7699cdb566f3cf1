//! Polls a request and its socket together, in the task that waits for the answer.

use crate::Error;
use crate::wire::Wire;
use futures_util::Stream;
use pin_project_lite::pin_project;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
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
        waiting: Waiting<&'a Wire>,
    }
}

impl<'a, F: Future> Drive<'a, F> {
    pub(crate) fn new(wire: &'a Wire, request: F) -> Self {
        Self {
            request,
            waiting: Waiting::new(wire),
        }
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

pin_project! {
    /// A stream of answers that is read as far as its user asks: what is not asked for stays in the socket.
    ///
    /// # Cancel safety
    /// Dropping it before its end leaves answers on the wire and marks the connection as not clean.
    pub(crate) struct DrivenStream<S> {
        #[pin]
        stream: S,
        waiting: Waiting<Arc<Wire>>,
    }
}

impl<S> DrivenStream<S> {
    pub(crate) fn new(wire: Arc<Wire>, stream: S) -> Self {
        Self {
            stream,
            waiting: Waiting::new(wire),
        }
    }
}

impl<S, T> Stream for DrivenStream<S>
where
    S: Stream<Item = Result<T, tokio_postgres::Error>>,
{
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        this.waiting.state = State::Started;
        let mut next = this.stream.as_mut().poll_next(cx);
        if next.is_pending() {
            this.waiting.advance(cx);
            next = this.stream.poll_next(cx);
        }
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            this.waiting.state = State::Finished;
        }
        let wire = &this.waiting.wire;
        next.map_err(|cause| wire.failed("statement failed", cause))
    }
}

/// One task's wait for an answer.
struct Waiting<W: Deref<Target = Wire>> {
    wire: W,
    slot: Option<usize>,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Unpolled,
    Started,
    Finished,
}

impl<W: Deref<Target = Wire>> Waiting<W> {
    fn new(wire: W) -> Self {
        Self {
            wire,
            slot: None,
            state: State::Unpolled,
        }
    }

    /// Sends what the request queued and reads what has come.
    fn advance(&mut self, cx: &Context<'_>) {
        let wakers = self.wire.wakers();
        wakers.register(&mut self.slot, cx.waker());
        let waker = Waker::from(wakers.clone());
        self.wire.poll_driver(&mut Context::from_waker(&waker));
    }
}

impl<W: Deref<Target = Wire>> Drop for Waiting<W> {
    fn drop(&mut self) {
        self.wire.wakers().leave(self.slot);
        if self.state == State::Started {
            self.wire.abandon();
        }
    }
}
