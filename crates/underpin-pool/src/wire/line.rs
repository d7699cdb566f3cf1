//! The queue of one connection: what is to be sent, and who waits for which answer.
//!
//! Answers come in the order of the requests, each ended by ReadyForQuery. A request whose owner has gone keeps its
//! place until it is answered; its answer is thrown away.

use super::answer::Answer;
use super::end::EndCause;
use super::frame::tag;
use crate::error::ServerError;
use crate::inbox::Inbox;
use bytes::{Bytes, BytesMut};
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use slab::Slab;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::task::Waker;

/// The message that ends a request of the extended protocol.
const SYNC: &[u8] = b"S\0\0\0\x04";

/// The state of a session as the server last reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionStatus {
    Idle,
    Open,
    Failed,
}

/// Requests and answers of one connection.
#[derive(Debug)]
pub(crate) struct Line {
    /// Encoded and not yet taken by the socket's side.
    out: BytesMut,
    requests: Slab<Request>,
    /// The requests that are not answered, oldest first.
    queue: VecDeque<usize>,
    /// Unanswered requests whose owner has gone, and which the server may still be working on.
    abandoned: usize,
    status: TransactionStatus,
    parameters: HashMap<String, String>,
    /// What a listener has yet to read; None when nobody listens.
    pub(super) inbox: Option<Inbox>,
    /// The request whose owner reads the socket just now: it needs no wake.
    reading: Option<usize>,
    /// The request whose owner the socket wakes.
    watching: Option<usize>,
    /// Tasks to wake once this is unlocked.
    wakes: Vec<Waker>,
    /// What the server said to everybody after its last ReadyForQuery: its last words, should the connection end now.
    pub(super) farewell: Option<Box<ServerError>>,
    pub(super) ended: Option<EndCause>,
}

#[derive(Debug)]
struct Request {
    owner: Owner,
    wants_copy: bool,
    /// It ends with a Sync of its own, as the extended protocol has it.
    is_synced: bool,
    answer: Answer,
}

#[derive(Debug)]
enum Owner {
    /// Waits; woken when something comes.
    Here(Option<Waker>),
    /// Sent without anybody to wait for it.
    Nobody,
    /// Has gone before the answer was complete.
    Gone,
}

impl Line {
    pub(super) fn new(parameters: HashMap<String, String>) -> Self {
        Self {
            out: BytesMut::new(),
            requests: Slab::new(),
            queue: VecDeque::new(),
            abandoned: 0,
            status: TransactionStatus::Idle,
            parameters,
            inbox: None,
            reading: None,
            watching: None,
            wakes: Vec::new(),
            farewell: None,
            ended: None,
        }
    }

    pub(super) fn status(&self) -> TransactionStatus {
        self.status
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Is every request answered?
    pub(super) fn is_quiet(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn abandoned(&self) -> usize {
        self.abandoned
    }

    pub(super) fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    /// Hands over what is to be sent.
    pub(super) fn take_output(&mut self, empty: &mut BytesMut) {
        std::mem::swap(&mut self.out, empty);
    }

    /// Encodes a request that the server ends with one ReadyForQuery, and queues it. Nothing is queued when `encode`
    /// fails.
    pub(super) fn submit<E>(
        &mut self,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mark = self.out.len();
        if let Err(error) = encode(&mut self.out) {
            self.out.truncate(mark);
            return Err(error);
        }
        let key = self.requests.insert(Request {
            owner: Owner::Here(None),
            wants_copy: false,
            is_synced: self.out.ends_with(SYNC),
            answer: Answer::default(),
        });
        self.queue.push_back(key);
        Ok(key)
    }

    /// Adds bytes that belong to a request under way: data of a COPY, or the name of a statement to forget.
    pub(super) fn append(&mut self, encode: impl FnOnce(&mut BytesMut)) {
        encode(&mut self.out);
    }

    pub(super) fn answer(&mut self, key: usize) -> &mut Answer {
        &mut self.requests[key].answer
    }

    pub(super) fn expect_copy(&mut self, key: usize) {
        self.requests[key].wants_copy = true;
    }

    /// The request's owner begins to read.
    pub(super) fn read(&mut self, key: usize) {
        self.reading = Some(key);
    }

    /// Wakes this task when something comes for the request.
    pub(super) fn wait(&mut self, key: usize, waker: &Waker) {
        self.reading.take_if(|reading| *reading == key);
        match &mut self.requests[key].owner {
            Owner::Here(Some(known)) if known.will_wake(waker) => {}
            owner => *owner = Owner::Here(Some(waker.clone())),
        }
    }

    /// The request's owner goes.
    pub(super) fn leave(&mut self, key: usize) {
        let request = &mut self.requests[key];
        if request.answer.done {
            self.requests.remove(key);
            return;
        }
        request.owner = Owner::Gone;
        request.answer.blocks.clear();
        self.abandoned += 1;
    }

    /// Nobody will wait for the request, and it is none that ought to be cancelled.
    pub(super) fn leave_unattended(&mut self, key: usize) {
        self.requests[key].owner = Owner::Nobody;
    }

    /// The socket wakes the owner of this request from now on.
    pub(super) fn watch(&mut self, key: usize) {
        self.watching = Some(key);
    }

    /// Does the socket wake anybody?
    pub(super) fn is_watched(&self) -> bool {
        self.watching.is_some()
    }

    /// When the socket wakes the owner of this request, who wants no more of it now: the tasks of which one must take
    /// over.
    pub(super) fn hand_over(&mut self, key: usize) -> Vec<Waker> {
        match self.watching.take_if(|watching| *watching == key) {
            Some(_) if self.requests.len() > 1 => self.waiting(),
            _ => Vec::new(),
        }
    }

    /// All tasks that wait for an answer.
    pub(super) fn waiting(&mut self) -> Vec<Waker> {
        let owners = self
            .requests
            .iter_mut()
            .map(|(_, request)| &mut request.owner);
        owners
            .filter_map(|owner| match owner {
                Owner::Here(waker) => waker.take(),
                Owner::Nobody | Owner::Gone => None,
            })
            .collect()
    }

    /// The tasks for which something came.
    pub(super) fn take_wakes(&mut self, empty: &mut Vec<Waker>) {
        std::mem::swap(&mut self.wakes, empty);
    }

    /// Does somebody wait for the rows that come now?
    pub(super) fn wants_rows(&self) -> bool {
        self.queue
            .front()
            .is_some_and(|key| matches!(self.requests[*key].owner, Owner::Here(_)))
    }

    /// DataRow or CopyData messages came.
    pub(super) fn rows(&mut self, block: Bytes) {
        if let Some(request) = self.current() {
            request.answer.blocks.push_back(block);
            self.wake_first();
        }
    }

    fn wake(&mut self, key: usize) {
        if self.reading != Some(key)
            && let Owner::Here(waker) = &mut self.requests[key].owner
        {
            self.wakes.extend(waker.take());
        }
    }

    /// The server is ready for the next request: the oldest one is answered.
    pub(super) fn ready(&mut self, status: u8) {
        self.status = match status {
            b'T' => TransactionStatus::Open,
            b'E' => TransactionStatus::Failed,
            _ => TransactionStatus::Idle,
        };
        self.farewell = None;
        let Some(key) = self.queue.pop_front() else {
            return;
        };
        let request = &mut self.requests[key];
        request.answer.done = true;
        match request.owner {
            Owner::Here(_) => self.wake(key),
            Owner::Nobody => drop(self.requests.remove(key)),
            Owner::Gone => {
                self.abandoned -= 1;
                self.requests.remove(key);
            }
        }
    }

    /// A command of the oldest request is complete.
    pub(super) fn command(&mut self, body: &[u8]) {
        if let Some(request) = self.current() {
            request.answer.command(body);
        }
    }

    /// A description for the oldest request came.
    pub(super) fn description(&mut self, tag: u8, message: &[u8]) {
        if let Some(request) = self.current() {
            request
                .answer
                .description(tag, Bytes::copy_from_slice(message));
        }
    }

    /// Any other message.
    pub(super) fn message(&mut self, message: Message) -> io::Result<()> {
        match message {
            Message::ErrorResponse(body) => {
                let report = ServerError::parse(body.fields())?;
                let report = Box::new(report);
                if report.ends_session() || self.is_quiet() {
                    self.farewell = Some(report.clone());
                }
                if let Some(request) = self.current() {
                    request.answer.error.get_or_insert(report);
                }
            }
            Message::NoticeResponse(body) => {
                let notice = ServerError::parse(body.fields())?;
                tracing::debug!(
                    severity = notice.severity,
                    message = notice.message,
                    "server notice"
                );
                // A server that ends at once, or whose other process crashed, warns and leaves.
                if notice.is_shutdown() {
                    self.farewell = Some(Box::new(notice));
                }
            }
            Message::ParameterStatus(body) => {
                let (name, value) = (body.name()?.to_owned(), body.value()?.to_owned());
                self.parameters.insert(name, value);
            }
            Message::NotificationResponse(body) => {
                if let Some(inbox) = &mut self.inbox {
                    inbox.put(body.channel()?, body.message()?, body.process_id());
                }
            }
            Message::CopyInResponse(_) => self.copy_in()?,
            Message::CopyOutResponse(_) => {
                if let Some(request) = self.current() {
                    request.answer.is_copying = true;
                }
                self.wake_first();
            }
            _ => {}
        }
        Ok(())
    }

    /// The server wants the data of a COPY: nobody has any unless the request is a COPY of ours and still wanted.
    fn copy_in(&mut self) -> io::Result<()> {
        let Some(request) = self.current() else {
            return Ok(());
        };
        if let Owner::Here(_) = request.owner
            && request.wants_copy
        {
            request.answer.is_copying = true;
            self.wake_first();
            return Ok(());
        }
        let is_synced = request.is_synced;
        frontend::copy_fail("there is no data: use copy_in", &mut self.out)?;
        if is_synced {
            // The server has swallowed the one behind the statement as a part of the copy.
            frontend::sync(&mut self.out);
        }
        Ok(())
    }

    fn wake_first(&mut self) {
        if let Some(&key) = self.queue.front() {
            self.wake(key);
        }
    }

    fn current(&mut self) -> Option<&mut Request> {
        let key = *self.queue.front()?;
        self.requests.get_mut(key)
    }
}

/// Messages that only say that a step was taken.
pub(super) fn is_step(tag: u8) -> bool {
    matches!(
        tag,
        tag::PARSE_COMPLETE | tag::BIND_COMPLETE | tag::CLOSE_COMPLETE
    )
}
