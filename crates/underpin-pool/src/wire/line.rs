//! The queue of one connection: what is to be sent, and who waits for which answer.
//!
//! Answers come in the order of the requests, each ended by ReadyForQuery. A request whose owner has gone keeps its
//! place until it is answered; its answer is thrown away.

use super::answer::Answer;
use super::end::EndCause;
use super::gate::{Begin, Gate, Nature};
use crate::Error;
use crate::error::ServerError;
use crate::inbox::Inbox;
use bytes::BytesMut;
use slab::Slab;
use std::collections::{HashMap, VecDeque};
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

/// Whom the socket wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The owner of a request.
    Owner(usize),
    /// A task that waits for something else.
    Visitor(usize),
}

/// Requests and answers of one connection.
#[derive(Debug)]
pub(crate) struct Line {
    /// Encoded and not yet taken by the socket's side.
    pub(super) out: BytesMut,
    /// Names for the server to forget: they travel with the next request.
    forgotten: BytesMut,
    requests: Slab<Request>,
    /// The requests that are not answered, oldest first.
    queue: VecDeque<usize>,
    /// How many were answered.
    answered: u64,
    /// Unanswered requests whose owner has gone, and which the server may still be working on.
    abandoned: usize,
    pub(super) gate: Gate,
    status: TransactionStatus,
    pub(super) parameters: HashMap<String, String>,
    /// What a listener has yet to read; None when nobody listens.
    pub(super) inbox: Option<Inbox>,
    /// The request whose owner reads the socket just now: it needs no wake.
    reading: Option<usize>,
    /// Whom the socket wakes.
    watching: Option<Who>,
    /// Tasks that wait for something else than the answer to a request of theirs.
    visitors: Slab<Option<Waker>>,
    /// Tasks to wake once this is unlocked.
    wakes: Vec<Waker>,
    /// There is something to send that nobody waits for.
    pub(super) is_urgent: bool,
    /// Rows of the oldest request are thrown away.
    pub(super) is_cutting: bool,
    /// Is what was abandoned cancelled?
    pub(super) cancels: bool,
    /// Is a task about that?
    pub(super) on_errand: bool,
    /// What the server said to everybody after its last ReadyForQuery: its last words, should the connection end now.
    pub(super) farewell: Option<Box<ServerError>>,
    pub(super) ended: Option<EndCause>,
    /// The session was dropped, and the server may still be working on what it had been asked.
    pub(super) is_parted: bool,
}

#[derive(Debug)]
pub(super) struct Request {
    owner: Owner,
    pub(super) nature: Nature,
    /// It ends with a Sync of its own, as the extended protocol has it.
    pub(super) is_synced: bool,
    pub(super) answer: Answer,
}

impl Request {
    /// Does somebody wait for the answer?
    pub(super) fn is_awaited(&self) -> bool {
        matches!(self.owner, Owner::Here(_))
    }
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
            forgotten: BytesMut::new(),
            requests: Slab::new(),
            queue: VecDeque::new(),
            answered: 0,
            abandoned: 0,
            gate: Gate::new(),
            status: TransactionStatus::Idle,
            parameters,
            inbox: None,
            reading: None,
            watching: None,
            visitors: Slab::new(),
            wakes: Vec::new(),
            is_urgent: false,
            is_cutting: false,
            cancels: false,
            on_errand: false,
            farewell: None,
            ended: None,
            is_parted: false,
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

    /// How many requests were answered.
    pub(super) fn answered(&self) -> u64 {
        self.answered
    }

    pub(super) fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    /// Hands over what is to be sent.
    pub(super) fn take_output(&mut self, empty: &mut BytesMut) {
        std::mem::swap(&mut self.out, empty);
    }

    /// Encodes a request that the server ends with one ReadyForQuery, and queues it, behind the BEGIN of its transaction
    /// when that was not sent yet. Nothing at all is queued when that fails.
    pub(super) fn submit(
        &mut self,
        nature: Nature,
        begin: Option<&Begin>,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let begin = begin.filter(|begin| !begin.is_sent());
        let mark = self.out.len();
        self.out.extend_from_slice(&self.forgotten);
        let ahead = begin.map_or(Ok(()), |begin| begin.encode(&mut self.out));
        if let Err(error) = ahead.and_then(|()| encode(&mut self.out)) {
            self.out.truncate(mark);
            return Err(error);
        }
        self.forgotten.clear();
        let key = self.requests.insert(Request {
            owner: Owner::Here(None),
            nature,
            is_synced: self.out.ends_with(SYNC),
            answer: Answer::default(),
        });
        self.queue.push_back(key);
        self.gate.note_queued(key, nature, begin.is_some());
        if let Some(begin) = begin {
            begin.note_sent();
        }
        Ok(key)
    }

    /// Adds bytes that belong to the request under way: data of a COPY.
    pub(super) fn append(&mut self, encode: impl FnOnce(&mut BytesMut)) {
        encode(&mut self.out);
    }

    /// Lets the server forget a name, ahead of the next request.
    pub(super) fn forget(&mut self, encode: impl FnOnce(&mut BytesMut)) {
        encode(&mut self.forgotten);
    }

    pub(super) fn answer(&mut self, key: usize) -> &mut Answer {
        &mut self.requests[key].answer
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
        request.answer.clear_rows();
        if request.nature == Nature::Control {
            request.owner = Owner::Nobody;
            return;
        }
        request.owner = Owner::Gone;
        self.abandoned += 1;
    }

    /// Nobody will wait for the request, and it is none that ought to be cancelled.
    pub(super) fn leave_unattended(&mut self, key: usize) {
        self.requests[key].owner = Owner::Nobody;
    }

    /// The socket wakes this task from now on; None: whoever asks it next.
    pub(super) fn watch(&mut self, who: Option<Who>) {
        self.watching = who;
    }

    /// Does the socket wake anybody?
    pub(super) fn is_watched(&self) -> bool {
        self.watching.is_some()
    }

    /// When the socket wakes this task, which wants no more of it now: the tasks of which one must take over.
    pub(super) fn hand_over(&mut self, who: Who) -> Vec<Waker> {
        match self.watching.take_if(|watching| *watching == who) {
            Some(_) if self.requests.len() + self.visitors.len() > 1 => self.waiting(),
            _ => Vec::new(),
        }
    }

    /// A task begins to wait for something else than an answer.
    pub(super) fn visit(&mut self) -> usize {
        self.visitors.insert(None)
    }

    /// Wakes this task when anything changes.
    pub(super) fn wait_as_visitor(&mut self, key: usize, waker: &Waker) {
        match &mut self.visitors[key] {
            Some(known) if known.will_wake(waker) => {}
            visitor => *visitor = Some(waker.clone()),
        }
    }

    pub(super) fn end_visit(&mut self, key: usize) {
        self.visitors.remove(key);
    }

    /// Is the oldest request one whose owner has gone?
    pub(super) fn is_abandoned_first(&self) -> bool {
        let first = self.queue.front();
        first.is_some_and(|key| matches!(self.requests[*key].owner, Owner::Gone))
    }

    /// Is the oldest request one whose rows are thrown away?
    pub(super) fn is_cut_first(&self) -> bool {
        let first = self.queue.front();
        first.is_some_and(|key| self.requests[*key].answer.is_cut)
    }

    /// Does the owner of this request write the data of a COPY?
    pub(super) fn writes_copy(&self, key: usize) -> bool {
        let request = &self.requests[key];
        request.nature == Nature::CopyIn && request.is_awaited()
    }

    /// All tasks that wait.
    pub(super) fn waiting(&mut self) -> Vec<Waker> {
        let owners = self
            .requests
            .iter_mut()
            .map(|(_, request)| &mut request.owner);
        let owners = owners.filter_map(|owner| match owner {
            Owner::Here(waker) => waker.take(),
            Owner::Nobody | Owner::Gone => None,
        });
        let visitors = self.visitors.iter_mut();
        owners
            .chain(visitors.filter_map(|(_, waker)| waker.take()))
            .collect()
    }

    /// The tasks for which something came.
    pub(super) fn take_wakes(&mut self, empty: &mut Vec<Waker>) {
        std::mem::swap(&mut self.wakes, empty);
    }

    pub(super) fn wake_first(&mut self) {
        if let Some(&key) = self.queue.front() {
            self.wake(key);
        }
    }

    pub(super) fn wake_visitors(&mut self) {
        let visitors = self.visitors.iter_mut();
        self.wakes
            .extend(visitors.filter_map(|(_, waker)| waker.take()));
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
        self.answered += 1;
        self.is_cutting = false;
        let request = &mut self.requests[key];
        self.gate
            .note_answered(key, request.nature, &request.answer, self.status);
        request.answer.done = true;
        match request.owner {
            Owner::Here(_) => self.wake(key),
            Owner::Nobody => drop(self.requests.remove(key)),
            Owner::Gone => {
                self.abandoned -= 1;
                self.requests.remove(key);
            }
        }
        self.send_put_off();
        self.wake_visitors();
    }

    /// The oldest request: what comes now is for it.
    pub(super) fn current(&mut self) -> Option<&mut Request> {
        let key = *self.queue.front()?;
        self.requests.get_mut(key)
    }
}
