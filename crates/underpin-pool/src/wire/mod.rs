//! One connection to PostgreSQL, driven by the task that waits for its answer.
//!
//! Drivers usually give the socket to a task of its own, which costs two task switches a query. Here whoever waits for
//! an answer writes and reads the socket: [`Ticket`] queues a request on the [`Line`], then turns the
//! [`Pump`] until its answer is there, and hands answers of others to them on the way. Only a lane, which many
//! tasks share, has a task of its own for that: see [`Wire::attend`].
//!
//! A request whose future is dropped midway is still answered, and cancelled meanwhile: see [`cancel`]. What may be sent
//! behind what is decided by the [`gate`]. [`Wire::is_clean`] tells whether anything is left, and [`Wire::settle`]
//! brings the connection back to idle before anybody else may use it.

mod answer;
mod cancel;
mod columns;
mod copying;
mod encoding;
mod end;
mod frame;
mod gate;
mod incoming;
mod line;
mod portal;
mod pump;
mod request;
mod shape;
mod startup;
mod statement;
mod ticket;
mod trace;
mod types;
mod wait;

pub(crate) use answer::{Answer, KEPT_MAX};
pub(crate) use cancel::Canceller;
pub(crate) use columns::{Column, Columns};
pub(crate) use frame::Bodies;
use gate::Phase;
pub(crate) use gate::{Begin, Later, Nature, over};
pub(crate) use line::TransactionStatus;
pub(crate) use portal::Portal;
pub(crate) use startup::{Applicant, Identity, start_up, turned_away};
pub(crate) use ticket::Ticket;
pub(crate) use types::Types;

use crate::footprint::Names;
use crate::inbox::Inbox;
use crate::options::RECYCLE_JITTER_PERCENT;
use crate::{Error, Notification};
use bytes::BytesMut;
use end::EndCause;
use futures_util::task::AtomicWaker;
use line::{Line, Who};
use postgres_protocol::message::frontend;
use pump::Pump;
use startup::Started;
use statement::Statements;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;
use tokio::task::coop::unconstrained;
use trace::Traces;
use underpin_core::ErrorKind;
use underpin_core::config::PoolSettings;
use underpin_core::url::Host;

/// Where a transaction stands on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Open,
    /// A statement of it has failed.
    Failed,
    /// There is none. Was all of it undone?
    Over {
        undone: bool,
    },
}

/// One connection and everything known about it.
pub(crate) struct Wire {
    /// None once the connection has ended.
    pump: Mutex<Option<Pump>>,
    line: Mutex<Line>,
    statements: Statements,
    types: Arc<Types>,
    traces: Traces,
    identity: Identity,
    host: Host,
    peer: Option<SocketAddr>,
    is_tls: bool,
    expires: Instant,
    refused_write: AtomicBool,
    canceller: Canceller,
    /// The task that reads and writes for everybody, on a lane.
    attendant: Option<AtomicWaker>,
}

impl Wire {
    pub(crate) fn new(
        started: Started,
        host: Host,
        types: Arc<Types>,
        names: Arc<Names>,
        settings: &PoolSettings,
        canceller: Canceller,
    ) -> Self {
        let Started {
            transport,
            unread,
            parameters,
            identity,
        } = started;
        let jitter = settings.recycle * rand::random_range(0..=RECYCLE_JITTER_PERCENT) / 100;
        Self {
            is_tls: transport.is_tls(),
            peer: transport.peer(),
            pump: Mutex::new(Some(Pump::new(transport, unread))),
            line: Mutex::new(Line::new(parameters)),
            statements: Statements::new(settings.statement_cache),
            types,
            traces: Traces::of(names),
            identity,
            host,
            expires: Instant::now() + settings.recycle.saturating_sub(jitter),
            refused_write: AtomicBool::new(false),
            canceller,
            attendant: None,
        }
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// The address of the server, of which its host may have several; None for a Unix socket.
    pub(crate) fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.is_tls
    }

    pub(crate) fn backend_pid(&self) -> i32 {
        self.identity.backend_pid
    }

    /// A parameter the server reported, such as `server_version`.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.line().parameter(name).map(String::from)
    }

    /// A write was refused: because of the transaction, or because of the server. The server tells after the error.
    pub(crate) fn note_refused_write(&self) {
        self.refused_write.store(true, Ordering::Release);
    }

    /// Was a write refused because the server itself only reads, as a standby or a demoted primary does? It reports so
    /// unasked since 14.
    pub(crate) fn is_demoted(&self) -> bool {
        self.refused_write.load(Ordering::Acquire)
            && ["in_hot_standby", "default_transaction_read_only"]
                .iter()
                .any(|name| self.line().parameter(name) == Some("on"))
    }

    pub(crate) fn expires(&self) -> Instant {
        self.expires
    }

    pub(crate) fn is_expired(&self) -> bool {
        Instant::now() >= self.expires
    }

    pub(crate) fn transaction_status(&self) -> TransactionStatus {
        self.line().status()
    }

    /// Where the transaction stands that began with a [`Begin`].
    pub(crate) fn standing(&self) -> Standing {
        let line = self.line();
        match (line.gate.phase(), line.status()) {
            (Phase::Over { undone }, _) => Standing::Over { undone },
            (Phase::Open, TransactionStatus::Open) => Standing::Open,
            (Phase::Open, TransactionStatus::Failed) => Standing::Failed,
            (Phase::Open, TransactionStatus::Idle) => Standing::Over { undone: false },
        }
    }

    /// Is the connection over?
    pub(crate) fn has_ended(&self) -> bool {
        self.line().ended.is_some()
    }

    /// Looks at the socket without waiting, and tells whether the connection is still there.
    ///
    /// Finds what arrived while nobody listened: the end of the stream, or the server's farewell.
    pub(crate) fn is_alive(&self) -> bool {
        let mut look = pin!(unconstrained(poll_fn(|cx| {
            while self.turn(cx).is_ready() {}
            Poll::Ready(())
        })));
        let _ = look.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        // The socket wakes nobody now: whoever waits must ask it again.
        let mut line = self.line();
        line.watch(None);
        let waiting = line.waiting();
        let is_alive = line.ended.is_none();
        drop(line);
        waiting.into_iter().for_each(Waker::wake);
        is_alive
    }

    /// Is the connection idle, outside a transaction, with every answer read?
    pub(crate) fn is_clean(&self) -> bool {
        let line = self.line();
        line.is_quiet() && line.status() == TransactionStatus::Idle
    }

    /// Asks for a sign of life: one round trip.
    pub(crate) async fn ping(&self) -> Result<(), Error> {
        let sync = |out: &mut BytesMut| {
            frontend::sync(out);
            Ok(())
        };
        let ticket = self.send(Nature::Statement, None, sync).await?;
        self.finish(ticket, "the session did not answer").await?;
        Ok(())
    }

    /// Reads what is left on the wire and rolls back what is open.
    pub(crate) async fn settle(&self) -> Result<(), Error> {
        self.ping().await?;
        if self.transaction_status() != TransactionStatus::Idle {
            let ticket = self.control(None, "ROLLBACK").await?;
            self.finish(ticket, "could not roll back").await?;
        }
        Ok(())
    }

    /// Sends statements without waiting for their answer, once all before them is answered.
    pub(crate) fn send_later(&self, later: Later) {
        let mut line = self.line();
        if line.ended.is_some() {
            return;
        }
        line.put_off(later);
        let waiting = line.waiting();
        drop(line);
        self.push(waiting);
    }

    /// Lets what is queued be written: by one of the tasks that wait, else at once, as far as the socket takes it.
    fn push(&self, waiting: Vec<Waker>) {
        if waiting.is_empty()
            && let Some(pump) = self.pump().as_mut()
        {
            // A failure shows to whoever reads next.
            let _ = pump.write(&self.line, &mut Context::from_waker(Waker::noop()));
        }
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Reads and writes for all tasks that share the connection, until it ends.
    pub(crate) fn attend(self: Arc<Self>) -> impl Future<Output = ()> + Send {
        let mut gathered = false;
        poll_fn(move |cx| {
            let Some(attendant) = &self.attendant else {
                return Poll::Ready(());
            };
            attendant.register(cx.waker());
            if self.has_ended() {
                return Poll::Ready(());
            }
            // Tasks that are ready to run add their requests first: then all of them leave in one packet.
            if self.line().has_output() && !std::mem::replace(&mut gathered, true) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            gathered = false;
            while self.turn(cx).is_ready() {}
            match self.has_ended() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
    }

    /// Gives the socket to [`attend`](Self::attend).
    pub(crate) fn shared(mut self) -> Self {
        self.attendant = Some(AtomicWaker::new());
        self.line().gate.open();
        self
    }

    /// Keeps notifications from now on.
    pub(crate) fn keep_notifications(&self) {
        self.line().inbox = Some(Inbox::default());
    }

    /// Waits for a notification; None once the connection has ended.
    pub(crate) async fn notification(&self) -> Option<Notification> {
        self.read_until(|line| line.inbox.as_mut()?.take()).await
    }

    /// Ends the socket under whoever uses it.
    pub(crate) fn cut(&self, why: &'static str) {
        self.end(Error::new(ErrorKind::Disconnected, why));
    }

    /// Closes the connection of a session that nobody takes back.
    ///
    /// The server learns of it at once, also where the runtime no longer runs the task that cancels what was abandoned:
    /// that task would keep the socket open as long as it exists.
    pub(crate) fn part(&self) {
        self.say_goodbye();
        self.line().is_parted = true;
        self.cut("the session was dropped");
    }

    fn say_goodbye(&self) {
        self.line().append(frontend::terminate);
        if let Some(pump) = self.pump().as_mut() {
            let _ = pump.write(&self.line, &mut Context::from_waker(Waker::noop()));
        }
    }

    /// A failed request as our error: what the server reported.
    pub(crate) fn refused(message: &'static str, report: Box<crate::ServerError>) -> Error {
        Error::in_session(message, *report)
    }

    pub(crate) fn statements(&self) -> &Statements {
        &self.statements
    }

    /// Writes all that can be written and reads once; ready when something came, or the connection ended.
    fn turn(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.turn_for(None, cx)
    }

    /// As `turn`; whom the socket wakes is noted before anybody else can ask it.
    fn turn_for(&self, who: Option<Who>, cx: &mut Context<'_>) -> Poll<()> {
        let mut pump = self.pump();
        let Some(socket) = pump.as_mut() else {
            return match self.has_ended() {
                true => Poll::Pending,
                false => Poll::Ready(()),
            };
        };
        match socket.turn(&self.line, cx) {
            Poll::Pending => {
                if who.is_some() {
                    self.line().watch(who);
                }
                Poll::Pending
            }
            Poll::Ready(Ok(needs_errand)) => {
                drop(pump);
                if needs_errand {
                    self.start_errand();
                }
                Poll::Ready(())
            }
            Poll::Ready(Err(cause)) => {
                *pump = None;
                drop(pump);
                self.end(self.why(cause));
                Poll::Ready(())
            }
        }
    }

    /// Are there bytes that the socket has not taken yet?
    fn is_sending(&self) -> bool {
        let is_writing = self.pump().as_ref().is_some_and(Pump::is_writing);
        is_writing || (self.line().has_output() && !self.has_ended())
    }

    /// Why the connection broke: the server's last words say more than the socket.
    fn why(&self, cause: io::Error) -> Error {
        if let Some(report) = self.line().farewell.take() {
            return Self::refused("the server ended the connection", report);
        }
        let cause = match encoding::refusal(cause) {
            Ok(refusal) => return refusal,
            Err(cause) => cause,
        };
        let message = match cause.kind() {
            io::ErrorKind::UnexpectedEof => "the connection is closed",
            _ => "the connection broke",
        };
        Error::new(ErrorKind::Disconnected, message).with_source(cause)
    }

    fn end(&self, cause: Error) {
        let mut line = self.line();
        line.ended.get_or_insert(EndCause(Arc::new(cause)));
        let waiting = line.waiting();
        drop(line);
        *self.pump() = None;
        waiting.into_iter().for_each(Waker::wake);
        if let Some(attendant) = &self.attendant {
            attendant.wake();
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pump(&self) -> MutexGuard<'_, Option<Pump>> {
        self.pump.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Wire {
    /// Says goodbye, so that the server sees an orderly end: as far as the socket takes it without waiting.
    fn drop(&mut self) {
        self.say_goodbye();
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire")
            .field("backend_pid", &self.backend_pid())
            .finish_non_exhaustive()
    }
}
