//! LISTEN as a stream that survives the loss of its connection, and says that it may have missed something.

use crate::connect::Connector;
use crate::wire::Wire;
use crate::{Error, Options, quote_identifier};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use underpin_core::{Chain, ErrorKind};

/// Silence after which the connection is asked for a sign of life.
const PING_AFTER: Duration = Duration::from_secs(30);
/// How long that may take.
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// What the server may take to listen, or to stop listening.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// PostgreSQL cuts longer names off, and then hears another channel (`NAMEDATALEN` is 64).
const CHANNEL_BYTES_MAX: usize = 63;
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
    /// Channels that the server refused when the connection was made again, to be told.
    refused: VecDeque<Error>,
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
            refused: VecDeque::new(),
        })
    }

    /// Listens on a channel from now on, also after the connection was lost.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a name that no channel can have: empty, longer than 63 bytes, with a zero byte. When
    /// the server refuses, with its words: the channel is not listened to then. When the connection is broken just now, or
    /// the server does not answer: [`next`](Self::next) restores it, with this channel.
    ///
    /// # Cancel safety
    /// Dropped midway, the channel is listened to or not.
    pub async fn listen(&mut self, channel: &str) -> Result<(), Error> {
        let command = command("LISTEN", channel)?;
        let is_new = self.channels.insert(String::from(channel));
        let outcome = self.run(&command).await;
        if is_new && outcome.as_ref().is_err_and(is_refusal) {
            self.channels.remove(channel);
        }
        outcome
    }

    /// Stops listening on a channel.
    ///
    /// # Errors
    /// As [`listen`](Self::listen); a broken connection is restored without this channel.
    ///
    /// # Cancel safety
    /// Dropped midway, the channel is listened to or not.
    pub async fn unlisten(&mut self, channel: &str) -> Result<(), Error> {
        let command = command("UNLISTEN", channel)?;
        let was_known = self.channels.remove(channel);
        let outcome = self.run(&command).await;
        if was_known && outcome.as_ref().is_err_and(is_refusal) {
            self.channels.insert(String::from(channel));
        }
        outcome
    }

    /// Waits for the next message. When the connection breaks it is made again, for as long as that takes.
    ///
    /// # Errors
    /// When connecting again cannot help, as with a wrong password. Once for each channel that the server refused when the
    /// connection was made again: it is listened to no more. All other channels go on after either.
    ///
    /// # Cancel safety
    /// Dropping the future loses no message; a lost connection is restored by the next call.
    pub async fn next(&mut self) -> Result<Notification, Error> {
        loop {
            if let Some(error) = self.refused.pop_front() {
                return Err(error);
            }
            let Some(wire) = &self.wire else {
                self.restore().await?;
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

    async fn run(&mut self, command: &str) -> Result<(), Error> {
        let Some(wire) = &self.wire else {
            return Err(Error::new(
                ErrorKind::Disconnected,
                "the listener has lost its connection",
            ));
        };
        let outcome = ask(wire, command).await;
        if let Err(error) = &outcome
            && error.kind() == ErrorKind::Timeout
        {
            // Whatever it answers later belongs to nobody.
            self.wire = None;
        }
        outcome
    }

    /// Connects until it is possible, and listens to all channels that the server takes.
    async fn restore(&mut self) -> Result<(), Error> {
        let mut pause = PAUSE_MIN;
        let (wire, refused) = loop {
            match self.attempt().await {
                Ok(restored) => break restored,
                Err(error) if passes_by_itself(error.kind()) => {
                    tracing::warn!(error = %Chain(&error), "a listener could not connect again");
                }
                Err(error) => return Err(error),
            }
            sleep_until(Instant::now() + rand::random_range(pause / 2..=pause)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        };
        self.wire = Some(wire);
        for (channel, error) in refused {
            self.channels.remove(&channel);
            let message = format!("the channel {channel:?} is listened to no more");
            self.refused.push_back(Error::caused_by(message, error));
        }
        Ok(())
    }

    /// A new connection that listens, and the channels that the server refuses for good.
    async fn attempt(&self) -> Result<(Wire, Vec<(String, Error)>), Error> {
        let wire = self.connector.connect().await?;
        wire.keep_notifications();
        let mut commands = Vec::with_capacity(self.channels.len());
        for channel in &self.channels {
            commands.push(command("LISTEN", channel)?);
        }
        let mut refused = Vec::new();
        if refusal(&wire, &commands.join(";")).await?.is_some() {
            // One of them spoils all of them: each for itself.
            for (channel, command) in self.channels.iter().zip(&commands) {
                if let Some(error) = refusal(&wire, command).await? {
                    refused.push((channel.clone(), error));
                }
            }
        }
        Ok((wire, refused))
    }
}

async fn ask(wire: &Wire, command: &str) -> Result<(), Error> {
    match timeout(ANSWER_TIMEOUT, wire.batch(command)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::new(
            ErrorKind::Timeout,
            format!("the server did not answer within {ANSWER_TIMEOUT:?}"),
        )),
    }
}

/// Why the server refuses a command for good; an error when it may take it later, or the connection is broken.
async fn refusal(wire: &Wire, command: &str) -> Result<Option<Error>, Error> {
    match ask(wire, command).await {
        Ok(()) => Ok(None),
        Err(error) if is_refusal(&error) && !passes_by_itself(error.kind()) => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// LISTEN or UNLISTEN for a channel, when there can be one of this name.
fn command(verb: &str, channel: &str) -> Result<String, Error> {
    let wrong = match channel {
        "" => "is empty",
        _ if channel.contains('\0') => "has a zero byte",
        _ if channel.len() > CHANNEL_BYTES_MAX => "is longer than 63 bytes",
        _ => return Ok(format!("{verb} {}", quote_identifier(channel))),
    };
    Err(Error::new(
        ErrorKind::InvalidInput,
        format!("the name of the channel {wrong}"),
    ))
}

/// Has the server answered, and said no?
fn is_refusal(error: &Error) -> bool {
    error.server().is_some() && error.kind() != ErrorKind::Disconnected
}

/// Will the same attempt work later, without anybody changing the program or its settings?
fn passes_by_itself(kind: ErrorKind) -> bool {
    kind.is_unavailable()
        || matches!(
            kind,
            ErrorKind::Timeout
                | ErrorKind::Cancelled
                | ErrorKind::LockTimeout
                // A primary that became a replica, whose successor is not there yet.
                | ErrorKind::ReadOnly
                | ErrorKind::OutOfResources
        )
}
