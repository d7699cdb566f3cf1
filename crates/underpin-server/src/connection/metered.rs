//! Bodies whose bytes are counted while they are in memory.

use super::ledger::{Account, Phase};
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use hyper::{Request, Response};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Takes a request over: the connection is busy with it, and its body counts.
pub(crate) fn received(mut request: Request<Body>, account: &Account) -> Request<Body> {
    account.enter(Phase::Busy);
    request.extensions_mut().insert(account.clone());
    let account = account.clone();
    request.map(|body| Body::new(RequestBody { body, account }))
}

/// Hands an answer over: its body counts until the client has taken it.
pub(crate) fn answered(response: Response<Body>, account: Account) -> Response<Body> {
    account.answers(known_size(response.body()));
    response.map(|body| Body::new(AnswerBody { body, account }))
}

/// What a body is known to hold in memory; a stream holds nothing before it is asked.
pub(crate) fn known_size(body: &Body) -> usize {
    usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX)
}

/// The body of a request, counted as it comes.
struct RequestBody {
    body: Body,
    account: Account,
}

/// The body of an answer, counted until it is written.
struct AnswerBody {
    body: Body,
    account: Account,
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let bytes = length(frame.as_ref());
        if bytes > 0 && !self.account.received(bytes) {
            self.account.cut();
            let full = io::Error::new(
                io::ErrorKind::OutOfMemory,
                "too many requests are under way",
            );
            return Poll::Ready(Some(Err(axum::Error::new(full))));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let bytes = length(frame.as_ref());
        self.account.handed(bytes, known_size(&self.body));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// hyper drops a body when it has all of it, or needs none of it: of an answer to HEAD.
impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.account.handed_all();
    }
}

fn length<E>(frame: Option<&Result<Frame<Bytes>, E>>) -> usize {
    frame
        .and_then(|frame| frame.as_ref().ok()?.data_ref())
        .map_or(0, Bytes::len)
}
