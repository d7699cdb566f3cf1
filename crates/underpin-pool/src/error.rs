//! The pool's error: what happened, the server's own words, what to do.

use crate::encode::Misfit;
use crate::retry::Again;
use crate::row::Unreadable;
use crate::sqlstate;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;
use std::error::Error as StdError;
use std::fmt;
use std::io;
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

    /// The column the error is about: of a table, or of a result whose value could not be read.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        let unreadable = underpin_core::Chain(self)
            .iter()
            .find_map(|cause| cause.downcast_ref::<Unreadable>());
        match unreadable {
            Some(unreadable) => Some(&unreadable.column),
            None => self.server()?.column.as_deref(),
        }
    }

    /// The parameter whose value could not be sent, `$1` is 1; of COPY the column of the row.
    #[must_use]
    pub fn parameter(&self) -> Option<usize> {
        let misfit = underpin_core::Chain(self)
            .iter()
            .find_map(|cause| cause.downcast_ref::<Misfit>());
        misfit.map(|misfit| misfit.number)
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

    /// Will running the whole transaction again help: after a serialization failure (40001), a deadlock (40P01), or a
    /// plan or type that was out of date?
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.again().is_some()
    }

    /// Why running the whole transaction again will help. A statement that is out of date counts once it is forgotten, as
    /// [`stale`](Self::stale) says: the server also calls so what a program does with names of its own.
    pub(crate) fn again(&self) -> Option<Again> {
        let is_forgotten = || StdError::source(self).is_some_and(|cause| cause.is::<Self>());
        match self.kind() {
            ErrorKind::Serialization => Some(Again::Rival),
            ErrorKind::StalePlan if is_forgotten() => Some(Again::Stale),
            _ => None,
        }
    }

    /// Was nothing sent to the server, so that trying again cannot do anything twice?
    ///
    /// True for what kept us from a session: nobody listened, none became free, the server let nobody in. Never for what
    /// the server reported about a statement.
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
        )
    }

    /// The server refused to let us in.
    pub(crate) fn from_server(message: &'static str, report: ServerError) -> Self {
        Self::reported(sqlstate::kind(&report.code), message, report)
    }

    /// The server reported in a session that it had let in. A report that ends the session says no more than that it is
    /// over: what the statement has done is not known.
    pub(crate) fn in_session(message: &'static str, report: ServerError) -> Self {
        let kind = if report.ends_session() {
            ErrorKind::Disconnected
        } else if sqlstate::is_stale_plan(&report) {
            ErrorKind::StalePlan
        } else {
            sqlstate::kind_in_session(&report.code)
        };
        Self::reported(kind, message, report)
    }

    fn reported(kind: ErrorKind, message: &'static str, report: ServerError) -> Self {
        // Where the code means something else here, as a foreign server's does, its hint would be about the wrong server.
        let is_of_code = sqlstate::kind(&report.code) == kind;
        let hint = sqlstate::hint(&report.code).filter(|_| is_of_code);
        let error = Self::new(kind, message).with_source(report);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    /// A statement was out of date, and cannot run again on its own. What was known of it is forgotten.
    pub(crate) fn stale(cause: Self) -> Self {
        Self::new(
            ErrorKind::StalePlan,
            "the schema has changed since the statement was prepared",
        )
        .with_source(cause)
        .with_hint("run the transaction again: the statement is prepared anew then")
    }

    /// The socket failed.
    pub(crate) fn broken(cause: io::Error) -> Self {
        Self::new(ErrorKind::Disconnected, "the connection broke").with_source(cause)
    }

    /// The server sent what the protocol does not know.
    pub(crate) fn protocol(cause: io::Error) -> Self {
        Self::new(
            ErrorKind::Internal,
            "a message of the server could not be understood",
        )
        .with_source(cause)
    }

    /// A message cannot be encoded: it is too long, or a text has a zero byte.
    pub(crate) fn unsendable(cause: io::Error) -> Self {
        Self::new(
            ErrorKind::InvalidInput,
            "the statement cannot be sent to the server",
        )
        .with_source(cause)
    }
}

/// What the server said about an error.
///
/// `Display` prints the message only. DETAIL and WHERE are kept out of every text, because they quote values of rows
/// ("Key (email)=(…) already exists"): read [`detail`](Self::detail) where it cannot reach a log.
#[derive(Clone, Default, PartialEq, Eq)]
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
    /// The type it is about.
    pub data_type: Option<String>,
    /// The constraint it is about.
    pub constraint: Option<String>,
    /// The routine of the server's source that reported it. Unlike the message it is never translated. Poolers that
    /// report something of their own give none.
    pub routine: Option<String>,
    detail: Option<String>,
    binds: u16,
}

impl ServerError {
    /// Reads the fields of an ErrorResponse or a NoticeResponse.
    pub(crate) fn parse(mut fields: ErrorFields<'_>) -> io::Result<Self> {
        let mut report = Self::default();
        while let Some(field) = fields.next()? {
            let text = String::from_utf8_lossy(field.value_bytes()).into_owned();
            match field.type_() {
                // The severity that is not translated. PgBouncer sends only the other one, in English.
                b'V' => report.severity = text,
                b'S' if report.severity.is_empty() => report.severity = text,
                b'C' => report.code = text,
                b'M' => report.message = text,
                b'D' => report.detail = Some(text),
                b'H' => report.hint = Some(text),
                b'P' => report.position = text.parse().ok(),
                b's' => report.schema = Some(text),
                b't' => report.table = Some(text),
                b'c' => report.column = Some(text),
                b'd' => report.data_type = Some(text),
                b'n' => report.constraint = Some(text),
                b'R' => report.routine = Some(text),
                _ => {}
            }
        }
        Ok(report)
    }

    /// What a server said that could not start a process for us.
    pub(crate) fn unable(words: &[u8]) -> Self {
        Self {
            severity: String::from("FATAL"),
            code: String::from("53000"),
            message: String::from(String::from_utf8_lossy(words).trim_end()),
            ..Self::default()
        }
    }

    /// Does the session end with it? Its severity tells: functions and foreign servers raise any code as an ERROR.
    pub(crate) fn ends_session(&self) -> bool {
        matches!(self.severity.as_str(), "FATAL" | "PANIC")
    }

    /// Does it tell that the server, or only this session, is being ended?
    pub(crate) fn is_shutdown(&self) -> bool {
        matches!(self.code.as_str(), "57P01" | "57P02" | "57P03")
    }

    /// How many statements of the request had got their values before it.
    pub(crate) fn after_binds(mut self, binds: u16) -> Self {
        self.binds = binds;
        self
    }

    /// Was it raised before the statement ran, so that nothing of it was done? `ahead` statements were sent before it in
    /// the same request.
    pub(crate) fn is_early(&self, ahead: u16) -> bool {
        self.binds <= ahead
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
