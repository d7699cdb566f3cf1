//! One connection to PostgreSQL, driven by the task that waits for its answer.
//!
//! The driver splits a connection into a client, which queues requests, and a future, which owns the socket. Spawning
//! that future costs two task switches a query. Here it stays with the client: [`Wire::drive`] polls the request,
//! then the socket, then the request again, all in the caller's task.
//!
//! A statement whose future is dropped midway leaves its answer on the wire. [`Wire::is_clean`] tells, and
//! [`Wire::settle`] brings the connection back to idle before anybody else may use it.

use crate::drive::Drive;
use crate::driver::{Driver, DriverCell};
use crate::handshake::CancelPacket;
use crate::inbox::Inbox;
use crate::observe::{Traffic, TransactionStatus};
use crate::options::RECYCLE_JITTER_PERCENT;
use crate::statement::Statements;
use crate::unkept::Unkept;
use crate::wake::Wakers;
use crate::{Error, Notification};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;
use tokio::task::coop::unconstrained;
use tokio_postgres::{AsyncMessage, Client};
use underpin_core::ErrorKind;
use underpin_core::config::PoolSettings;
use underpin_core::url::Host;

/// One connection and everything known about it.
pub(crate) struct Wire {
    client: Client,
    wakers: Arc<Wakers>,
    traffic: Arc<Traffic>,
    statements: Statements,
    unkept: Unkept,
    /// Statements whose future was dropped before its answer was complete.
    abandoned: AtomicUsize,
    refused_write: AtomicBool,
    ended: OnceLock<EndCause>,
    cancel_packet: CancelPacket,
    host: Host,
    is_tls: bool,
    expires: Instant,
    /// What a listener has yet to read; None when nobody listens.
    inbox: Mutex<Option<Inbox>>,
    /// Last, so that it is dropped after the client.
    driver: DriverCell,
}

/// Why a connection ended, kept for everyone who asks later.
#[derive(Debug, Clone)]
struct EndCause(Arc<Error>);

impl std::fmt::Display for EndCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for EndCause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl Wire {
    pub(crate) fn new(
        client: Client,
        driver: Driver,
        traffic: Arc<Traffic>,
        cancel_packet: CancelPacket,
        host: Host,
        is_tls: bool,
        settings: &PoolSettings,
    ) -> Self {
        let jitter = settings.recycle * rand::random_range(0..=RECYCLE_JITTER_PERCENT) / 100;
        Self {
            client,
            driver: DriverCell::new(driver),
            wakers: Arc::default(),
            traffic,
            statements: Statements::new(settings.statement_cache),
            unkept: Unkept::new(settings.statement_cache),
            abandoned: AtomicUsize::new(0),
            refused_write: AtomicBool::new(false),
            ended: OnceLock::new(),
            cancel_packet,
            host,
            is_tls,
            inbox: Mutex::new(None),
            expires: Instant::now() + settings.recycle.saturating_sub(jitter),
        }
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.is_tls
    }

    pub(crate) fn cancel_packet(&self) -> &[u8] {
        self.cancel_packet.bytes()
    }

    pub(crate) fn backend_pid(&self) -> i32 {
        self.cancel_packet.backend_pid()
    }

    /// A parameter the server reported, such as `server_version`.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.driver()
            .as_ref()
            .and_then(|driver| driver.parameter(name))
            .map(String::from)
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
                .any(|name| self.parameter(name).as_deref() == Some("on"))
    }

    pub(crate) fn expires(&self) -> Instant {
        self.expires
    }

    pub(crate) fn is_expired(&self) -> bool {
        Instant::now() >= self.expires
    }

    pub(crate) fn transaction_status(&self) -> TransactionStatus {
        self.traffic.status()
    }

    /// Looks at the socket without waiting, and tells whether the connection is still there.
    ///
    /// Finds what arrived while nobody listened: the end of the stream, or the server's farewell.
    pub(crate) fn is_alive(&self) -> bool {
        let mut look = pin!(unconstrained(poll_fn(|cx| {
            self.poll_driver(cx);
            Poll::Ready(())
        })));
        let _ = look.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.driver().is_some()
    }

    /// Is the connection idle, outside a transaction, with every answer read?
    pub(crate) fn is_clean(&self) -> bool {
        self.abandoned.load(Ordering::Acquire) == 0
            && self.traffic.outstanding() == 0
            && self.traffic.status() == TransactionStatus::Idle
    }

    /// Does the server still work on something that nobody waits for?
    pub(crate) fn has_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire) > 0
    }

    /// Asks for a sign of life: one round trip.
    pub(crate) async fn ping(&self) -> Result<(), Error> {
        let answer = self.drive(self.client.check_connection()).await;
        answer.map_err(|cause| self.failed("the session did not answer", cause))
    }

    /// Reads what is left on the wire and rolls back what is open.
    pub(crate) async fn settle(&self) -> Result<(), Error> {
        self.ping().await?;
        self.abandoned.store(0, Ordering::Release);
        if self.traffic.status() != TransactionStatus::Idle {
            self.batch("ROLLBACK").await?;
        }
        Ok(())
    }

    /// Waits until every request on the wire is answered, so that the transaction status is that of the last one.
    pub(crate) async fn quiesce(&self) {
        self.drive(poll_fn(|_| match self.traffic.outstanding() {
            0 => Poll::Ready(()),
            _ if self.driver().is_none() => Poll::Ready(()),
            _ => Poll::Pending,
        }))
        .await;
    }

    /// Queues statements without waiting for their answer, and sends what the socket takes.
    pub(crate) fn batch_unattended(&self, sql: &str) {
        let mut request = pin!(self.client.batch_execute(sql));
        let _ = request
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        self.is_alive();
    }

    /// Polls a request and the socket together until the request is answered.
    pub(crate) fn drive<F: Future>(&self, request: F) -> Drive<'_, F> {
        Drive::new(self, request)
    }

    pub(crate) fn wakers(&self) -> &Arc<Wakers> {
        &self.wakers
    }

    /// Notes that nobody waits any longer for an answer that is still to come.
    pub(crate) fn abandon(&self) {
        self.abandoned.fetch_add(1, Ordering::AcqRel);
    }

    /// Sends and reads what can be sent and read now.
    pub(crate) fn poll_driver(&self, cx: &mut Context<'_>) {
        let mut driver = self.driver();
        let Some(connection) = driver.as_mut() else {
            return;
        };
        let end = loop {
            match connection.poll_message(cx) {
                Poll::Ready(Some(Ok(AsyncMessage::Notice(notice)))) => {
                    tracing::debug!(
                        severity = notice.severity(),
                        message = notice.message(),
                        "server notice"
                    );
                }
                Poll::Ready(Some(Ok(AsyncMessage::Notification(message)))) => self.keep(&message),
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(cause))) => break Some(cause),
                Poll::Ready(None) => break None,
                Poll::Pending => return,
            }
        };
        let ended = driver.take();
        drop(driver);
        drop(ended);
        self.end(match end {
            Some(cause) => Error::from_driver("the connection ended", cause),
            None => Error::new(ErrorKind::Disconnected, "the connection is closed"),
        });
    }

    /// Keeps notifications from now on.
    pub(crate) fn keep_notifications(&self) {
        *self.inbox.lock().unwrap_or_else(PoisonError::into_inner) = Some(Inbox::default());
    }

    /// The oldest notification that was not read yet.
    pub(crate) fn take_notification(&self) -> Option<Notification> {
        self.inbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()?
            .take()
    }

    fn keep(&self, message: &tokio_postgres::Notification) {
        if let Some(inbox) = self
            .inbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_mut()
        {
            inbox.put(message);
        }
    }

    /// Ends the socket under whoever uses it.
    pub(crate) fn cut(&self) {
        let ended = self.driver().take();
        if ended.is_some() {
            self.end(Error::new(ErrorKind::Disconnected, "the pool was closed"));
        }
    }

    fn end(&self, cause: Error) {
        let _ = self.ended.set(EndCause(Arc::new(cause)));
        Wake::wake_by_ref(&self.wakers);
    }

    /// A failed request as our error; when the connection has ended, its end is the cause.
    pub(crate) fn failed(&self, message: &'static str, cause: tokio_postgres::Error) -> Error {
        match self.ended.get() {
            Some(end) if cause.is_closed() => {
                Error::new(ErrorKind::Disconnected, message).with_source(end.clone())
            }
            _ => {
                let error = Error::from_driver(message, cause);
                if error.ends_session() && error.kind() != ErrorKind::Disconnected {
                    return Error::new(ErrorKind::Disconnected, message).with_source(error);
                }
                error
            }
        }
    }

    /// Is the connection over?
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.get().is_some()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn statements(&self) -> &Statements {
        &self.statements
    }

    pub(crate) fn unkept(&self) -> &Unkept {
        &self.unkept
    }

    fn driver(&self) -> MutexGuard<'_, Option<Driver>> {
        self.driver.lock()
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire")
            .field("backend_pid", &self.backend_pid())
            .finish_non_exhaustive()
    }
}
