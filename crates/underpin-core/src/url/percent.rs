//! Percent-encoding as libpq reads it: `%XX` everywhere, `+` is a plus.

use super::{ParseError, parts};
use crate::ErrorKind;
use std::fmt::{self, Write};

/// Decodes one part of a URL; `part` names it in the error, which never repeats the text.
pub(super) fn decode(text: &str, part: &str) -> Result<String, ParseError> {
    let wrong = |why: &str| {
        ParseError::new(ErrorKind::Config, format!("{part} {why}")).with_hint(parts::EXPECTED)
    };
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        match (bytes.next().and_then(digit), bytes.next().and_then(digit)) {
            (Some(0), Some(0)) => return Err(wrong("contains %00, which PostgreSQL cannot take")),
            (Some(high), Some(low)) => decoded.push(high << 4 | low),
            _ => {
                return Err(
                    wrong("has a percent sign that two hexadecimal digits do not follow")
                        .with_hint("write a percent sign itself as %25"),
                );
            }
        }
    }
    String::from_utf8(decoded).map_err(|_| wrong("is not UTF-8 once its %XX are decoded"))
}

fn digit(byte: u8) -> Option<u8> {
    let value = char::from(byte).to_digit(16)?;
    u8::try_from(value).ok()
}

/// Writes text so that it stands for itself anywhere in a URL.
pub(super) struct Encoded<'a>(pub(super) &'a [u8]);

/// Writes text so that it stands for itself after the question mark, where a slash separates nothing.
pub(super) struct QueryEncoded<'a>(pub(super) &'a [u8]);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        encode(f, self.0, b"-._~")
    }
}

impl fmt::Display for QueryEncoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        encode(f, self.0, b"-._~/:,")
    }
}

fn encode(f: &mut fmt::Formatter<'_>, text: &[u8], plain: &[u8]) -> fmt::Result {
    for &byte in text {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            f.write_char(char::from(byte))?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}
