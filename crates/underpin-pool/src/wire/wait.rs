//! Waiting for something of the line that is no answer of one's own: a turn, the end of everything, a notification.

use super::gate::{Begin, Nature};
use super::line::{Line, Who};
use super::{Ticket, Wire};
use crate::Error;
use bytes::BytesMut;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A task that waits. It reads the socket like the owner of a request, and whoever takes over from it is told so.
struct Visit<'a> {
    wire: &'a Wire,
    key: Option<usize>,
}

impl Visit<'_> {
    fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        find: &mut impl FnMut(&mut Line) -> Option<T>,
    ) -> Poll<Option<T>> {
        let mut is_dry = false;
        loop {
            let mut line = self.wire.line();
            if let Some(found) = find(&mut line) {
                return Poll::Ready(Some(found));
            }
            if line.ended.is_some() {
                return Poll::Ready(None);
            }
            let key = *self.key.get_or_insert_with(|| line.visit());
            if is_dry && line.is_watched() {
                line.wait_as_visitor(key, cx.waker());
                return Poll::Pending;
            }
            drop(line);
            is_dry = self.wire.turn_for(Some(Who::Visitor(key)), cx).is_pending();
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut line = self.wire.line();
        let others = line.hand_over(Who::Visitor(key));
        line.end_visit(key);
        drop(line);
        others.into_iter().for_each(Waker::wake);
    }
}

impl Wire {
    /// Reads until the line has what is looked for; the end of the connection counts as None.
    pub(super) async fn read_until<T>(
        &self,
        mut find: impl FnMut(&mut Line) -> Option<T>,
    ) -> Option<T> {
        let mut visit = Visit {
            wire: self,
            key: None,
        };
        poll_fn(|cx| visit.poll(cx, &mut find)).await
    }

    /// Waits until every request on the wire is answered, so that the transaction status is that of the last one.
    pub(crate) async fn quiesce(&self) {
        self.read_until(|line| line.is_at_rest().then_some(()))
            .await;
    }

    /// Queues a request once its turn has come. `begin` is that of the transaction it belongs to.
    pub(crate) async fn send(
        &self,
        nature: Nature,
        begin: Option<&Begin>,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), Error>,
    ) -> Result<Ticket<&Self>, Error> {
        let key = self.queue(nature, begin, encode).await?;
        Ok(Ticket::new(self, key))
    }

    /// As `send`, for a request that outlives the call.
    pub(crate) async fn send_shared(
        self: &Arc<Self>,
        nature: Nature,
        begin: Option<&Begin>,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), Error>,
    ) -> Result<Ticket<Arc<Self>>, Error> {
        let key = self.queue(nature, begin, encode).await?;
        Ok(Ticket::new(self.clone(), key))
    }

    pub(super) async fn queue(
        &self,
        nature: Nature,
        begin: Option<&Begin>,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        loop {
            // The look at the gate and the request share one lock: nobody can come between.
            {
                let mut line = self.line();
                if let Some(end) = &line.ended {
                    return Err(Error::ended(end));
                }
                if line.lets_in(nature, begin)? {
                    return line.submit(nature, begin, encode);
                }
            }
            Box::pin(self.turn_comes(nature, begin)).await?;
        }
    }

    async fn turn_comes(&self, nature: Nature, begin: Option<&Begin>) -> Result<(), Error> {
        let turn = self.read_until(|line| match line.lets_in(nature, begin) {
            Ok(false) => None,
            Ok(true) => Some(Ok(())),
            Err(refused) => Some(Err(refused)),
        });
        // Why a connection has ended is told where the request is queued.
        turn.await.unwrap_or(Ok(()))
    }
}
