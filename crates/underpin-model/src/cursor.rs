//! Where a page ended: an opaque text that clients hand back.

use crate::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use underpin_core::ErrorKind;

/// The first byte: what follows is written in this form.
const FORM: u8 = 1;
/// How much of a SHA-256 guards the content against mistakes. It is no secret: a cursor gives no rights, and what it says
/// is checked like any other input.
const DIGEST_BYTES: usize = 8;
/// No cursor is longer, in characters: it has to fit into a URL.
pub const CURSOR_CHARS_MAX: usize = 4096;

/// Where a page ended or began, and which list it belongs to.
///
/// Its text has only letters, digits, `-` and `_`. Any other text, also one that was cut or changed, is refused by
/// `parse`.
///
/// # Example
/// ```
/// use underpin_model::{Cursor, ErrorKind};
///
/// let error = "garbage".parse::<Cursor>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// The table and the order of the list.
    #[serde(rename = "l")]
    pub(crate) list: String,
    /// The query string of the list, without cursor and limit.
    #[serde(rename = "q", default, skip_serializing_if = "String::is_empty")]
    pub(crate) scope: String,
    /// Does it lead to the rows before?
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_back: bool,
    /// The values of the row next to it in the columns of the order.
    #[serde(rename = "k")]
    pub(crate) keys: Vec<Option<String>>,
}

impl Cursor {
    /// Does it lead to the rows before?
    #[must_use]
    pub const fn is_back(&self) -> bool {
        self.is_back
    }

    /// Refuses a cursor that clients could not hand back.
    pub(crate) fn check_length(self) -> Result<Self, Error> {
        let length = self.to_string().len();
        if length <= CURSOR_CHARS_MAX {
            return Ok(self);
        }
        Err(Error::new(
            ErrorKind::InvalidInput,
            format!("the cursor of this page would have {length} characters, {CURSOR_CHARS_MAX} is the most"),
        )
        .with_hint("order by columns with shorter values, or filter by less"))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![FORM];
        serde_json::to_writer(&mut bytes, self).expect("texts are always JSON");
        bytes.extend_from_slice(&digest(&bytes));
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() > CURSOR_CHARS_MAX {
            return Err(foreign());
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|cause| foreign().with_source(cause))?;
        let (content, guard) = bytes
            .split_at_checked(bytes.len().saturating_sub(DIGEST_BYTES))
            .ok_or_else(foreign)?;
        match content.split_first() {
            Some((&FORM, json)) if guard == digest(content) => {
                serde_json::from_slice(json).map_err(|cause| foreign().with_source(cause))
            }
            _ => Err(foreign()),
        }
    }
}

/// Says nothing of the values in it.
impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("list", &self.list)
            .finish_non_exhaustive()
    }
}

fn digest(content: &[u8]) -> [u8; DIGEST_BYTES] {
    let mut hasher = Sha256::new();
    hasher.update(b"underpin cursor");
    hasher.update(content);
    let full: [u8; 32] = hasher.finalize().into();
    std::array::from_fn(|index| full[index])
}

/// The error of a cursor that no page of the list ended with.
pub(crate) fn foreign() -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        "the cursor is not one of this list",
    )
    .with_hint("begin again without a cursor, and hand the next one back unchanged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> Cursor {
        Cursor {
            list: String::from("notes created_at-"),
            scope: String::from("title=ä%20b"),
            is_back: true,
            keys: vec![Some(String::from("2026-01-01T00:00:00Z")), None],
        }
    }

    #[test]
    fn cursors_come_back_as_they_were() {
        let text = cursor().to_string();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        assert!(text.bytes().all(is_plain), "{text}");
        assert_eq!(text.parse::<Cursor>().unwrap(), cursor());
    }

    #[test]
    fn forged_and_garbled_cursors_are_refused() {
        let check = |text: &str| {
            let error = text.parse::<Cursor>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        };
        let good = cursor().to_string();
        for bad in [
            "",
            "A",
            "AQ",
            "garbage",
            "%00",
            "\0",
            "ü",
            &good[1..],
            &format!("{good}="),
        ] {
            check(bad);
        }
        check(&"A".repeat(CURSOR_CHARS_MAX + 1));
        for at in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            check(&String::from_utf8(bytes).unwrap());
        }
    }

    #[test]
    fn values_are_not_in_the_debug_text() {
        assert!(!format!("{:?}", cursor()).contains("2026"));
    }
}
