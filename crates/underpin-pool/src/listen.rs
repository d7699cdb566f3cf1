//! LISTEN as a stream that survives the loss of its connection, and says that it may have missed something.

use crate::connect::Connector;
use crate::wire::Wire;
use crate::{Error, Options, quote_identifier};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use underpin_core::{Chain, ErrorKind};

/// Silence after which the connection is asked for a sign of life.
const PING_AFTER: Duration = Duration::from_secs(30);
/// How long that may take.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// The first pause between attempts to connect again; it doubles.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What a [`Listener`] hears.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notification {
    /// Somebody ran NOTIFY.
    Message {
        /// The channel.
        channel: String,
        /// What was sent; empty when nothing was.
        payload: String,
        /// The server process that sent it.
        backend_pid: i32,
    },
    /// Messages may have been missed: the connection was lost and is there again, or they came faster than they were
    /// read. Read the state they stand for anew.
    Gap,
}

/// Listens on channels with a connection of its own, outside the pool.
///
/// ```no_run
/// # async fn example(options: underpin_pool::Options) -> Result<(), underpin_pool::Error> {
/// use underpin_pool::{Listener, Notification};
///
/// let mut listener = Listener::connect(options).await?;
/// listener.listen("jobs").await?;
/// loop {
///     match listener.next().await? {
///         Notification::Message { payload, .. } => println!("job {payload}"),
///         Notification::Gap => println!("look for jobs in the table"),
///         _ => {}
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Listener {
    connector: Connector,
    wire: Option<Wire>,
    channels: BTreeSet<String>,
}

impl Listener {
    /// Connects; listens to nothing yet.
    ///
    /// Connect directly: a pooler in transaction mode loses what is listened to. It is warned about in the log.
    ///
    /// # Errors
    /// Why the connection could not be made.
    ///
    /// # Cancel safety
    /// Dropping the future closes the socket.
    pub async fn connect(options: impl Into<Options>) -> Result<Self, Error> {
        let connector = Connector::new(options.into())?;
        let wire = connector.connect().await?;
        if wire.statements().is_pooled() {
            tracing::warn!(
                "a pooler stands before PostgreSQL: unless it is in session mode, LISTEN hears nothing; connect directly"
            );
        }
        wire.keep_notifications();
        Ok(Self {
            connector,
            wire: Some(wire),
            channels: BTreeSet::new(),
        })
    }

    /// Listens on a channel from now on, also after the connection was lost.
    ///
    /// # Errors
    /// When the connection is broken just now: [`next`](Self::next) restores it, with this channel.
    ///
    /// # Cancel safety
    /// Dropped midway, the channel is listened to or not.
    pub async fn listen(&mut self, channel: &str) -> Result<(), Error> {
        self.channels.insert(String::from(channel));
        self.run("LISTEN", channel).await
    }

    /// Stops listening on a channel.
    ///
    /// # Errors
    /// When the connection is broken just now.
    ///
    /// # Cancel safety
    /// Dropped midway, the channel is listened to or not.
    pub async fn unlisten(&mut self, channel: &str) -> Result<(), Error> {
        self.channels.remove(channel);
        self.run("UNLISTEN", channel).await
    }

    /// Waits for the next message. When the connection breaks it is made again, for as long as that takes.
    ///
    /// # Errors
    /// When connecting again cannot help, as with a wrong password.
    ///
    /// # Cancel safety
    /// Dropping the future loses no message; a lost connection is restored by the next call.
    pub async fn next(&mut self) -> Result<Notification, Error> {
        loop {
            let Some(wire) = &self.wire else {
                self.wire = Some(self.restore().await?);
                return Ok(Notification::Gap);
            };
            match timeout(PING_AFTER, wire.notification()).await {
                Ok(Some(notification)) => return Ok(notification),
                Ok(None) => self.wire = None,
                Err(_) => {
                    if !matches!(timeout(PING_TIMEOUT, wire.ping()).await, Ok(Ok(()))) {
                        self.wire = None;
                    }
                }
            }
        }
    }

    async fn run(&self, command: &str, channel: &str) -> Result<(), Error> {
        match &self.wire {
            Some(wire) => {
                wire.batch(&format!("{command} {}", quote_identifier(channel)))
                    .await
            }
            None => Err(Error::new(
                ErrorKind::Disconnected,
                "the listener has lost its connection",
            )),
        }
    }

    async fn restore(&self) -> Result<Wire, Error> {
        let mut pause = PAUSE_MIN;
        loop {
            match self.attempt().await {
                Ok(wire) => return Ok(wire),
                Err(error)
                    if error.kind().is_unavailable() || error.kind() == ErrorKind::Timeout =>
                {
                    tracing::warn!(error = %Chain(&error), "a listener could not connect again");
                }
                Err(error) => return Err(error),
            }
            sleep_until(Instant::now() + rand::random_range(pause / 2..=pause)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn attempt(&self) -> Result<Wire, Error> {
        let wire = self.connector.connect().await?;
        wire.keep_notifications();
        let listen: String = self
            .channels
            .iter()
            .map(|channel| format!("LISTEN {};", quote_identifier(channel)))
            .collect();
        wire.batch(&listen).await?;
        Ok(wire)
    }
}
