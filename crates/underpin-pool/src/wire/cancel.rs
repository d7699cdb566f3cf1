//! What nobody waits for any more is cancelled on the server, also while its session is held.
//!
//! A task of its own looks after it, so that it happens at once and not when the session is used next. A cancel names the
//! session, not the statement: it is sent only while the abandoned request is the oldest one unanswered, and the gate
//! lets nobody in behind that before the answer is there and the cancel's connection has closed, which the server does
//! after it has signalled the session. Only statements of the same transaction can have been sent behind it before: the
//! cancel fails that transaction anyway.

use super::Wire;
use super::gate::Phase;
use super::line::Line;
use crate::Error;
use crate::dial::open;
use crate::options::CLEANUP_TIMEOUT;
use crate::spawn::supervised;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use underpin_core::url::SslMode;

/// What takes no longer needs no cancel.
const GRACE: Duration = Duration::from_millis(20);
/// A cancel that came before the server had begun the statement is lost: it is sent again after this long, which doubles.
const AGAIN_MIN: Duration = Duration::from_millis(100);
const AGAIN_MAX: Duration = Duration::from_secs(1);

/// An errand holds the connection this often.
const OWN: usize = 2;

/// How the server of a connection is asked to cancel.
pub(crate) struct Canceller {
    tls: Option<TlsConnector>,
    mode: SslMode,
    runtime: Option<Handle>,
    /// The connection itself, for the task; unset where what was abandoned runs to its end.
    wire: OnceLock<Weak<Wire>>,
    on_drop: bool,
}

impl Canceller {
    /// `on_drop`: is what nobody waits for cancelled?
    pub(crate) fn new(tls: Option<TlsConnector>, mode: SslMode, on_drop: bool) -> Self {
        Self {
            tls,
            mode,
            runtime: Handle::try_current().ok(),
            wire: OnceLock::new(),
            on_drop,
        }
    }
}

impl Line {
    /// The number of the request that ought to be cancelled now.
    fn to_cancel(&self) -> Option<u64> {
        let goes = self.ended.is_none()
            && match self.gate.phase() {
                Phase::Open => self.is_abandoned_first(),
                // Here nobody is behind it. A stream that was cut is of no more use either.
                Phase::Over { .. } => self.is_abandoned_first() || self.is_cut_first(),
            };
        goes.then(|| self.answered())
    }

    /// Must a task be started that cancels?
    pub(super) fn needs_errand(&mut self) -> bool {
        let needs = (self.abandoned() > 0 || self.is_cutting)
            && self.cancels
            && !self.on_errand
            && self.to_cancel().is_some();
        self.on_errand |= needs;
        needs
    }
}

impl Wire {
    /// Makes the connection one that looks after itself.
    pub(crate) fn into_shared(self) -> Arc<Self> {
        let wire = Arc::new(self);
        let canceller = &wire.canceller;
        if canceller.on_drop && canceller.runtime.is_some() {
            let known = canceller.wire.set(Arc::downgrade(&wire));
            wire.line().cancels = known.is_ok();
        }
        wire
    }

    /// Starts the task that cancels: see `Line::needs_errand`.
    pub(super) fn start_errand(&self) {
        let wire = self.canceller.wire.get().and_then(Weak::upgrade);
        if let (Some(wire), Some(runtime)) = (wire, &self.canceller.runtime) {
            // Made here, so that it ends in order also when the runtime does not run it any more.
            let errand = Errand {
                wire,
                is_over: false,
            };
            runtime.spawn(supervised("cancel", errand.run()));
        }
    }

    /// Opens a second socket to the server and asks it to cancel what runs here.
    ///
    /// Returns when the server has closed that socket, which it does after it has signalled the session: from then on
    /// the cancel can no longer hit the next statement.
    pub(crate) async fn cancel(&self) -> Result<(), Error> {
        let Canceller { tls, mode, .. } = &self.canceller;
        let mut transport = open(&self.host, self.peer, tls.as_ref(), *mode).await?;
        let request = self.identity.cancel_request();
        transport.write_all(&request).await.map_err(Error::broken)?;
        transport.flush().await.map_err(Error::broken)?;
        transport
            .read_to_end(&mut Vec::new())
            .await
            .map_err(Error::broken)?;
        Ok(())
    }
}

/// The task that cancels what was abandoned, until all of it is answered.
struct Errand {
    wire: Arc<Wire>,
    is_over: bool,
}

impl Errand {
    async fn run(mut self) {
        let wire = self.wire.clone();
        let mut patience = GRACE;
        while let Some(request) = self.next() {
            let answered =
                wire.read_until(|line| (line.to_cancel() != Some(request)).then_some(()));
            if timeout(patience, answered).await.is_ok() || !wire.announce_cancel(request) {
                continue;
            }
            if timeout(CLEANUP_TIMEOUT, wire.cancel()).await.is_err() {
                // It may still come through, and then hit whatever runs.
                wire.cut("the server did not confirm that a statement was cancelled");
            }
            wire.note_cancelled();
            if Arc::strong_count(&wire) <= OWN {
                // Its session is gone, and closes the connection.
                return;
            }
            patience = (patience * 2).clamp(AGAIN_MIN, AGAIN_MAX);
        }
        if wire.line().is_parted {
            // The socket is closed, and nothing else can run in that session any more.
            let _ = timeout(CLEANUP_TIMEOUT, wire.cancel()).await;
        }
    }

    /// The request to cancel next; None ends the errand.
    fn next(&mut self) -> Option<u64> {
        let mut line = self.wire.line();
        let request = line.to_cancel();
        if request.is_none() {
            line.on_errand = false;
            self.is_over = true;
        }
        request
    }
}

impl Wire {
    /// Keeps the gate shut while a cancel is on its way, unless the request was answered meanwhile.
    fn announce_cancel(&self, request: u64) -> bool {
        let mut line = self.line();
        line.gate.is_cancelling = line.to_cancel() == Some(request);
        line.gate.is_cancelling
    }

    /// A cancel has had its effect, if any: whoever waited for that goes on.
    fn note_cancelled(&self) {
        let mut line = self.line();
        line.gate.is_cancelling = false;
        line.send_put_off();
        let waiting = line.waiting();
        drop(line);
        self.push(waiting);
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        if !self.is_over {
            self.wire.line().on_errand = false;
            self.wire.note_cancelled();
        }
    }
}
