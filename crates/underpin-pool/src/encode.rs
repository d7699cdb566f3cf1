//! Values on their way to the server.

use crate::nul::{self, NulCharacter};
use crate::{Error, ToSql, Type, rust_type};
use bytes::BytesMut;
use postgres_types::{Format, IsNull, WrongType};
use std::error::Error as StdError;
use std::fmt;
use underpin_core::ErrorKind;

type BoxError = Box<dyn StdError + Send + Sync>;

/// Writes a value, unless no server could take it.
pub(crate) fn write_value(
    value: &(dyn ToSql + Sync),
    r#type: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, BoxError> {
    let at = out.len();
    let is_null = value.to_sql_checked(r#type, out)?;
    let raw = &out[at..];
    let has_nul = match (&is_null, value.encode_format(r#type)) {
        (IsNull::Yes, _) => false,
        (IsNull::No, Format::Text) => raw.contains(&0),
        (IsNull::No, Format::Binary) => nul::is_in(r#type, raw),
    };
    match has_nul {
        true => Err(NulCharacter.into()),
        false => Ok(is_null),
    }
}

/// Why a value was not sent: `what` it is, and its number among the parameters or columns, counted from 1.
pub(crate) fn misfit(what: &str, number: usize, r#type: &Type, cause: BoxError) -> Error {
    let message = format!("the value {what}{number} does not fit {type}");
    let is_of_another = cause.is::<WrongType>();
    let error = Error::new(ErrorKind::InvalidInput, message).with_source(Misfit { number, cause });
    match rust_type::of(r#type).filter(|_| is_of_another) {
        Some(wanted) => error.with_hint(format!(
            "bind it as {wanted}, or say in the statement which type it has: $1::bigint, $2::text"
        )),
        None => error,
    }
}

/// Tells which value it was; reads as its cause.
#[derive(Debug)]
pub(crate) struct Misfit {
    pub(crate) number: usize,
    cause: BoxError,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.cause, f)
    }
}

impl StdError for Misfit {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}
