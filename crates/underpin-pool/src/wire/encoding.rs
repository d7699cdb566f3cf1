//! The encoding of a session's text: UTF-8, from its beginning to its end.
//!
//! After `SET client_encoding` the server takes each byte of a letter for a letter of its own and stores them without an
//! error. It reports the change, so the session ends before anything else is sent.

use crate::{Error, ErrorKind};
use std::fmt;
use std::io;

const PARAMETER: &str = "client_encoding";

/// The server reads and writes the session's text in another encoding from now on.
#[derive(Debug)]
struct NotUtf8(String);

impl fmt::Display for NotUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server reports {PARAMETER}={}", self.0)
    }
}

impl std::error::Error for NotUtf8 {}

/// Looks at a parameter that the server reports.
pub(super) fn check(name: &str, value: &str) -> io::Result<()> {
    if name != PARAMETER {
        return Ok(());
    }
    let letters = value.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    match plain.as_str() {
        "utf8" | "unicode" => Ok(()),
        _ => Err(io::Error::other(NotUtf8(value.to_owned()))),
    }
}

/// The error of a session that ended because of its encoding; gives another cause back.
pub(super) fn refusal(cause: io::Error) -> Result<Error, io::Error> {
    if !cause.get_ref().is_some_and(|inner| inner.is::<NotUtf8>()) {
        return Err(cause);
    }
    let message = "the session was ended: its text would no longer be UTF-8";
    Ok(Error::new(ErrorKind::Refused, message)
        .with_source(cause)
        .with_hint(
            "leave client_encoding, SET NAMES and their like out: text is sent and read as UTF-8, and the server converts it \
             to the database's own encoding",
        ))
}
