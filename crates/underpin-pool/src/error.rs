//! The pool's error: what happened, the server's own words, what to do.

use crate::sqlstate;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use tokio_postgres::error::{DbError, ErrorPosition};
use underpin_core::ErrorKind;

underpin_core::define_error! {
    /// Why a connection, checkout, statement or transaction failed.
    ///
    /// `kind()` decides what to do; `source()` keeps the cause; [`code`](Error::code) and its neighbours ask the
    /// server's report. Values of rows and parameters are in none of the texts: see [`ServerError`].
    pub struct Error;
}

impl Error {
    /// The server's own report, when the server reported.
    #[must_use]
    pub fn server(&self) -> Option<&ServerError> {
        underpin_core::Chain(self)
            .iter()
            .find_map(|cause| cause.downcast_ref())
    }

    /// The SQLSTATE code, when the server reported one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.server().map(|server| server.code.as_str())
    }

    /// The constraint that was violated.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.server()?.constraint.as_deref()
    }

    /// The table the error is about.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.server()?.table.as_deref()
    }

    /// The column the error is about.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.server()?.column.as_deref()
    }

    /// Where in the statement the error lies: characters from 1.
    #[must_use]
    pub fn position(&self) -> Option<u32> {
        self.server()?.position
    }

    /// Did the query find nothing?
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Is a unique constraint violated?
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        self.kind() == ErrorKind::UniqueViolation
    }

    /// Will running the whole transaction again help (40001, 40P01)?
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.kind() == ErrorKind::Serialization
    }

    /// Was nothing sent to the server, so that trying again cannot do anything twice?
    #[must_use]
    pub fn safe_to_retry(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::CheckoutTimeout
                | ErrorKind::Unavailable
                | ErrorKind::UnknownHost
                | ErrorKind::ConnectionRefused
                | ErrorKind::ServerNotReady
                | ErrorKind::TooManyConnections
        ) && !self.ends_session()
    }

    /// Did the session end with this error, so that it must not be used again?
    pub(crate) fn ends_session(&self) -> bool {
        self.kind() == ErrorKind::Disconnected
            || self.server().is_some_and(|server| {
                sqlstate::ends_session(&server.code) || server.severity == "FATAL"
            })
    }

    /// Turns the driver's error into ours, keeping its cause.
    pub(crate) fn from_driver(message: &'static str, error: tokio_postgres::Error) -> Self {
        if let Some(report) = error.as_db_error() {
            let server = ServerError::new(report);
            let kind = if sqlstate::is_stale_plan(&server.code, &server.message) {
                ErrorKind::StalePlan
            } else {
                sqlstate::kind(&server.code)
            };
            let hint = sqlstate::hint(&server.code);
            let error = Self::new(kind, message).with_source(server);
            return match hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            };
        }
        Self::new(driver_kind(&error), message).with_source(error)
    }
}

/// The kind of an error that did not come from the server.
fn driver_kind(error: &tokio_postgres::Error) -> ErrorKind {
    if error.is_closed() {
        return ErrorKind::Disconnected;
    }
    let cause = error.source();
    if let Some(io) = cause.and_then(|cause| cause.downcast_ref::<io::Error>()) {
        return match io.kind() {
            io::ErrorKind::InvalidInput => ErrorKind::InvalidInput,
            io::ErrorKind::InvalidData => ErrorKind::Internal,
            _ => ErrorKind::Disconnected,
        };
    }
    // The driver keeps its kinds private; its own sentences are the only thing left to tell them apart by.
    let text = error.to_string();
    if text.starts_with("error serializing parameter") || text.starts_with("expected ") {
        ErrorKind::InvalidInput
    } else if text.starts_with("error deserializing column") || text.starts_with("invalid column") {
        ErrorKind::Decode
    } else if text.starts_with("authentication") || text.starts_with("invalid configuration") {
        ErrorKind::Authentication
    } else {
        ErrorKind::Internal
    }
}

/// What the server said about an error.
///
/// `Display` prints the message only. DETAIL and WHERE are kept out of every text, because they quote values of rows
/// ("Key (email)=(…) already exists"): read [`detail`](Self::detail) where it cannot reach a log.
#[derive(Clone)]
pub struct ServerError {
    /// `ERROR`, `FATAL` or `PANIC`.
    pub severity: String,
    /// The SQLSTATE code.
    pub code: String,
    /// The server's one-line message.
    pub message: String,
    /// The server's suggestion.
    pub hint: Option<String>,
    /// Where in the statement: characters from 1.
    pub position: Option<u32>,
    /// The schema it is about.
    pub schema: Option<String>,
    /// The table it is about.
    pub table: Option<String>,
    /// The column it is about.
    pub column: Option<String>,
    /// The constraint it is about.
    pub constraint: Option<String>,
    detail: Option<String>,
}

impl ServerError {
    fn new(report: &DbError) -> Self {
        let owned = |text: Option<&str>| text.map(String::from);
        Self {
            severity: String::from(report.severity()),
            code: String::from(report.code().code()),
            message: String::from(report.message()),
            hint: owned(report.hint()),
            position: match report.position() {
                Some(ErrorPosition::Original(position)) => Some(*position),
                _ => None,
            },
            schema: owned(report.schema()),
            table: owned(report.table()),
            column: owned(report.column()),
            constraint: owned(report.constraint()),
            detail: owned(report.detail()),
        }
    }

    /// The server's DETAIL. It may quote values of rows: do not log it.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for ServerError {}
