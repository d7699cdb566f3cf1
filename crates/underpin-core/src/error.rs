//! One error vocabulary for every crate: a kind to act on, a message to read, the cause, a next step.
//!
//! Each library crate has one opaque `Error` made by [`define_error!`](crate::define_error): the kind decides what
//! a caller does, `Display` is that layer's own sentence, `source()` keeps the cause, `hint()` says what to do next.
//! [`Chain`] prints all layers in one line; `err.to_string()` alone would lose the cause.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// What went wrong, coarse enough to act on.
///
/// PostgreSQL's SQLSTATE codes are mapped to kinds in one place (`underpin_pool::sqlstate`), kinds to HTTP status in
/// one place (`underpin_server::problem`) and to exit codes in one place (the command line's `exit` module).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is missing, unknown or out of range.
    Config,
    /// The caller's input is malformed.
    InvalidInput,
    /// The thing asked for does not exist.
    NotFound,
    /// A unique constraint is violated.
    UniqueViolation,
    /// A foreign key points to nothing, or is still pointed at.
    ForeignKeyViolation,
    /// A rule of the database is violated: a check constraint, a view's WITH CHECK OPTION, or one that a function or
    /// trigger enforces with RAISE EXCEPTION.
    CheckViolation,
    /// NULL where a value is required.
    NotNullViolation,
    /// An exclusion constraint is violated.
    ExclusionViolation,
    /// The row was changed by someone else since it was read.
    StaleVersion,
    /// More rows were found than the caller takes.
    TooManyRows,
    /// A value from the database does not fit the Rust type.
    Decode,
    /// The SQL is wrong: syntax, unknown table or column, wrong types.
    Sql,
    /// The role may not do this.
    PermissionDenied,
    /// Wrong password, unknown role, or no rule lets this client in.
    Authentication,
    /// The host name does not resolve.
    UnknownHost,
    /// Nothing answers at that address.
    ConnectionRefused,
    /// The server has no database of that name.
    UnknownDatabase,
    /// The server is starting up, shutting down or recovering.
    ServerNotReady,
    /// The server has no connection left to give.
    TooManyConnections,
    /// The server insists on TLS, or the client does and the server cannot.
    TlsRequired,
    /// The TLS handshake failed: certificate, name or protocol.
    Tls,
    /// The connection broke; whether the statement ran is told by [`ErrorKind::UnknownOutcome`].
    Disconnected,
    /// The connection broke after COMMIT was sent, or the server says itself that it does not know: the transaction may
    /// or may not have been committed.
    UnknownOutcome,
    /// No connection became free, or could be made, within the checkout deadline.
    CheckoutTimeout,
    /// The circuit breaker is open: the database was down a moment ago, nothing was sent.
    Unavailable,
    /// The pool, or the program, is shutting down.
    ShuttingDown,
    /// A deadline passed.
    Timeout,
    /// The statement was cancelled, by a person or by `statement_timeout`.
    Cancelled,
    /// A lock was not granted within `lock_timeout`, or NOWAIT found it taken.
    LockTimeout,
    /// The transaction must be run again: serialization failure (40001) or deadlock (40P01).
    Serialization,
    /// A cached plan no longer fits the schema, or its statement is gone from the server.
    StalePlan,
    /// A write reached a server that only reads.
    ReadOnly,
    /// The transaction is aborted, or the statement is not allowed in its state or in that of the object.
    TransactionState,
    /// The server is out of disk, memory or another resource, or lacks a helper that the statement needs, such as a
    /// foreign server.
    OutOfResources,
    /// The server's or the program's version is not supported.
    Unsupported,
    /// Refused for safety; the hint says what to add to go ahead.
    Refused,
    /// The migration lock's deadline passed.
    LockDeadline,
    /// Files and ledger of migrations contradict each other.
    HistoryConflict,
    /// The file system refused, here or on the server.
    Io,
    /// Anything else: a bug in Underpin or in the server.
    Internal,
}

impl ErrorKind {
    /// Is the database itself unreachable or unable to serve, whatever was asked of it?
    ///
    /// These kinds open the circuit breaker, answer 503 and are worth trying again later.
    #[must_use]
    pub fn is_unavailable(self) -> bool {
        matches!(
            self,
            Self::UnknownHost
                | Self::ConnectionRefused
                | Self::ServerNotReady
                | Self::TooManyConnections
                | Self::Disconnected
                | Self::CheckoutTimeout
                | Self::Unavailable
                | Self::ShuttingDown
        )
    }
}

/// An error that can say its kind and the next step: implemented by each crate's `Error`.
pub trait Diagnose: StdError + Send + Sync + 'static {
    /// What went wrong, to act on.
    fn kind(&self) -> ErrorKind;
    /// What to do next, when there is something to do.
    fn hint(&self) -> Option<&str>;
}

/// The body shared by every crate's opaque error; use it through [`define_error!`](crate::define_error).
#[derive(Debug)]
pub struct Details {
    /// See [`Diagnose::kind`].
    pub kind: ErrorKind,
    /// This layer's own sentence: lower case, no period, no cause.
    pub message: Cow<'static, str>,
    /// See [`Diagnose::hint`].
    pub hint: Option<Cow<'static, str>>,
    /// The cause.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Defines a crate's opaque error type: boxed [`Details`], constructors for the crate, questions for its users.
///
/// ```
/// underpin_core::define_error! {
///     /// Why brewing failed.
///     pub struct Error;
/// }
/// use underpin_core::ErrorKind;
///
/// let water = Error::new(ErrorKind::Timeout, "water is still cold").with_hint("plug the kettle in");
/// let tea = Error::caused_by("could not brew tea", water);
/// assert_eq!(tea.kind(), ErrorKind::Timeout);
/// assert_eq!(tea, ErrorKind::Timeout);
/// assert_eq!(tea.hint(), Some("plug the kettle in"));
/// assert_eq!(underpin_core::Chain(&tea).to_string(), "could not brew tea: water is still cold");
/// assert_eq!(format!("{tea:?}"), "Timeout: could not brew tea: water is still cold (hint: plug the kettle in)");
/// ```
#[macro_export]
macro_rules! define_error {
    ($(#[$meta:meta])* pub struct $name:ident;) => {
        $(#[$meta])*
        pub struct $name(Box<$crate::error::Details>);

        /// All of it in one line, for `unwrap` and for a `main` that returns it.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:?}: {}", self.kind(), $crate::Chain(self))?;
                match self.hint() {
                    Some(hint) => write!(f, " (hint: {hint})"),
                    None => Ok(()),
                }
            }
        }

        impl $name {
            /// An error that starts here. Public so that a service can make one in its tests.
            #[must_use]
            pub fn new(
                kind: $crate::ErrorKind,
                message: impl Into<std::borrow::Cow<'static, str>>,
            ) -> Self {
                Self(Box::new($crate::error::Details {
                    kind,
                    message: message.into(),
                    hint: None,
                    source: None,
                }))
            }

            /// An error caused by another of ours: kind and hint are inherited.
            #[must_use]
            pub fn caused_by(
                message: impl Into<std::borrow::Cow<'static, str>>,
                cause: impl $crate::Diagnose,
            ) -> Self {
                let hint = cause.hint().map(|hint| std::borrow::Cow::Owned(String::from(hint)));
                let mut error = Self::new(cause.kind(), message).with_source(cause);
                error.0.hint = hint;
                error
            }

            /// Keeps a foreign error as the cause.
            #[must_use]
            pub fn with_source(
                mut self,
                source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
            ) -> Self {
                self.0.source = Some(source.into());
                self
            }

            /// Adds the next step.
            #[must_use]
            pub fn with_hint(mut self, hint: impl Into<std::borrow::Cow<'static, str>>) -> Self {
                self.0.hint = Some(hint.into());
                self
            }

            /// What went wrong, to act on.
            #[must_use]
            pub fn kind(&self) -> $crate::ErrorKind {
                self.0.kind
            }

            /// What to do next, when there is something to do.
            #[must_use]
            pub fn hint(&self) -> Option<&str> {
                self.0.hint.as_deref()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0.message)
            }
        }

        impl std::error::Error for $name {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                match &self.0.source {
                    Some(source) => Some(source.as_ref()),
                    None => None,
                }
            }
        }

        /// Equal are errors of the same kind that read the same, causes and hint included: for tests.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                let text = |error: &Self| $crate::Chain(error).to_string();
                self.kind() == other.kind()
                    && self.hint() == other.hint()
                    && text(self) == text(other)
            }
        }

        /// Is it of this kind? `assert_eq!(error, ErrorKind::NotFound)`.
        impl PartialEq<$crate::ErrorKind> for $name {
            fn eq(&self, kind: &$crate::ErrorKind) -> bool {
                self.kind() == *kind
            }
        }

        impl $crate::Diagnose for $name {
            fn kind(&self) -> $crate::ErrorKind {
                self.0.kind
            }

            fn hint(&self) -> Option<&str> {
                self.0.hint.as_deref()
            }
        }
    };
}

/// Prints an error and all its causes in one line, `a: b: c`, leaving out a cause that only repeats its parent.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a>(pub &'a (dyn StdError + 'static));

impl<'a> Chain<'a> {
    /// The error and its causes, outermost first.
    pub fn iter(self) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
        std::iter::successors(Some(self.0), |error| (*error).source())
    }
}

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        for cause in self.iter().skip(1) {
            let text = cause.to_string();
            if !said.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            said = text;
        }
        Ok(())
    }
}
