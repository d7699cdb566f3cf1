//! One task's claim to the answer of its request.

use super::Wire;
use super::answer::Answer;
use super::line::{Line, Who};
use crate::Error;
use std::future::poll_fn;
use std::ops::Deref;
use std::task::{Context, Poll, Waker};
use underpin_core::ErrorKind;

/// A request that was queued. Its answer is read as far as its owner asks: what is not asked for stays in the socket.
///
/// # Cancel safety
/// Dropping it before its end leaves the request running; its answer is read by others and thrown away.
#[derive(Debug)]
pub(crate) struct Ticket<W: Deref<Target = Wire>> {
    wire: W,
    key: usize,
}

impl<W: Deref<Target = Wire>> Ticket<W> {
    pub(super) fn new(wire: W, key: usize) -> Self {
        Self { wire, key }
    }

    pub(super) fn wire(&self) -> &W {
        &self.wire
    }

    pub(super) fn key(&self) -> usize {
        self.key
    }

    /// Reads until `take` finds what it looks for in the answer.
    pub(crate) fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        mut take: impl FnMut(&mut Answer) -> Option<T>,
    ) -> Poll<Result<T, Error>> {
        let mut look = |line: &mut Line| match take(line.answer(self.key)) {
            Some(found) => Some(Ok(found)),
            None => {
                let end = line.ended.clone()?;
                Some(Err(Error::ended_at(
                    &end,
                    line.answer(self.key).error.take(),
                )))
            }
        };
        let mut is_dry = false;
        loop {
            let mut line = self.wire.line();
            if let Some(found) = look(&mut line) {
                let others = line.hand_over(Who::Owner(self.key));
                drop(line);
                others.into_iter().for_each(Waker::wake);
                return Poll::Ready(found);
            }
            // When the one whom the socket would have woken has gone meanwhile, this one asks the socket again.
            if is_dry && line.is_watched() || self.wire.attendant.is_some() {
                line.wait(self.key, cx.waker());
                drop(line);
                if let Some(attendant) = &self.wire.attendant {
                    attendant.wake();
                }
                return Poll::Pending;
            }
            line.read(self.key);
            drop(line);
            is_dry = self
                .wire
                .turn_for(Some(Who::Owner(self.key)), cx)
                .is_pending();
        }
    }

    /// Waits until `take` finds what it looks for in the answer.
    pub(crate) async fn until<T>(
        &self,
        mut take: impl FnMut(&mut Answer) -> Option<T>,
    ) -> Result<T, Error> {
        poll_fn(|cx| self.poll(cx, &mut take)).await
    }

    /// Waits for the end of the answer.
    pub(crate) async fn done(&self) -> Result<Answer, Error> {
        self.until(|answer| answer.done.then(|| answer.take()))
            .await
    }
}

impl<W: Deref<Target = Wire>> Drop for Ticket<W> {
    fn drop(&mut self) {
        let mut line = self.wire.line();
        let others = line.hand_over(Who::Owner(self.key));
        line.leave(self.key);
        let needs_errand = line.needs_errand();
        drop(line);
        others.into_iter().for_each(Waker::wake);
        if needs_errand {
            self.wire.start_errand();
        }
    }
}

impl Wire {
    /// Waits for the end of an answer; what the server refused is an error.
    pub(crate) async fn finish<W: Deref<Target = Self>>(
        &self,
        ticket: Ticket<W>,
        failure: &'static str,
    ) -> Result<Answer, Error> {
        let mut answer = ticket.done().await?;
        match answer.error.take() {
            Some(report) => Err(Self::refused(failure, report)),
            None => Ok(answer),
        }
    }
}

impl Error {
    pub(super) fn ended(end: &super::EndCause) -> Self {
        // Nothing but what was asked of the session is at fault when it was ended for safety: again, it would end again.
        let (kind, hint) = match end.0.kind() {
            ErrorKind::Refused => (ErrorKind::Refused, end.0.hint()),
            _ => (ErrorKind::Disconnected, None),
        };
        let error = Self::new(kind, "the connection has ended").with_source(end.clone());
        match hint {
            Some(hint) => error.with_hint(hint.to_owned()),
            None => error,
        }
    }

    /// As `ended`, for a request that the server had answered with an error. When it said no last word to everybody, that
    /// is why it ended the connection: poolers do so with less than FATAL.
    fn ended_at(end: &super::EndCause, report: Option<Box<crate::ServerError>>) -> Self {
        match report {
            Some(report) if end.0.server().is_none() => {
                Self::new(ErrorKind::Disconnected, "the server ended the connection")
                    .with_source(*report)
            }
            _ => Self::ended(end),
        }
    }
}
