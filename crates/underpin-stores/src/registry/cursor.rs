//! Where a page ended, and the filters it was made with: an opaque text that clients hand back.

use crate::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use underpin_core::ErrorKind;

/// The first byte: what follows is written in this form.
const FORM: u8 = 1;
/// How much of a SHA-256 guards the content against mistakes. It is no secret: a cursor gives no rights, and what it
/// says is checked like any other input.
const DIGEST_BYTES: usize = 8;
/// No cursor of ours is longer, in characters.
const CURSOR_CHARS_MAX: usize = 4096;

/// The content of a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cursor {
    /// Which list it belongs to.
    #[serde(rename = "l")]
    pub(crate) list: List,
    /// The name of the last entry.
    #[serde(rename = "n")]
    pub(crate) name: String,
    /// The version of the last entry, in a list that has several of one server.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// When the last entry was published, in a list by time: microseconds since 1970, and the order within one instant.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(crate) published: Option<(i64, i64)>,
    /// The filters of the list.
    #[serde(rename = "f")]
    pub(crate) filters: Filters,
}

/// The lists that have cursors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum List {
    /// Servers.
    #[serde(rename = "s")]
    Servers,
    /// Items.
    #[serde(rename = "i")]
    Items,
    /// The versions of a server.
    #[serde(rename = "v")]
    Versions,
}

/// What narrows a list, as far as the request said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filters {
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub(crate) search: Option<String>,
    /// Microseconds since 1970.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated_since: Option<i64>,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(crate) include_deleted: Option<bool>,
}

impl Cursor {
    /// Only letters, digits, `-` and `_`: some clients do not encode it in a URL.
    pub(crate) fn encode(&self) -> String {
        let mut bytes = vec![FORM];
        serde_json::to_writer(&mut bytes, self).expect("texts and numbers are always JSON");
        bytes.extend_from_slice(&digest(&bytes));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor of the given list.
    pub(crate) fn decode(text: &str, list: List) -> Result<Self, Error> {
        if text.len() > CURSOR_CHARS_MAX {
            return Err(foreign());
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|error| foreign().with_source(error))?;
        let (content, guard) = bytes
            .split_at_checked(bytes.len().saturating_sub(DIGEST_BYTES))
            .ok_or_else(foreign)?;
        let json = match content.split_first() {
            Some((&FORM, json)) if guard == digest(content) => json,
            _ => return Err(foreign()),
        };
        let cursor: Self =
            serde_json::from_slice(json).map_err(|error| foreign().with_source(error))?;
        if cursor.list == list {
            Ok(cursor)
        } else {
            Err(foreign())
        }
    }
}

fn digest(content: &[u8]) -> [u8; DIGEST_BYTES] {
    let mut hasher = Sha256::new();
    hasher.update(b"underpin registry cursor");
    hasher.update(content);
    let full: [u8; 32] = hasher.finalize().into();
    std::array::from_fn(|index| full[index])
}

fn foreign() -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        "cursor is not one that this registry gave out",
    )
    .with_hint("begin again without a cursor, and hand nextCursor back unchanged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> Cursor {
        Cursor {
            list: List::Servers,
            name: "com.example/weather".into(),
            version: Some("1.0.0+ä".into()),
            published: Some((1_700_000_000_000_000, 7)),
            filters: Filters {
                search: Some("we%?&".into()),
                updated_since: Some(1_700_000_000_000_000),
                version: None,
                include_deleted: Some(true),
            },
        }
    }

    #[test]
    fn cursors_come_back_as_they_were() {
        let text = cursor().encode();
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')),
            "{text}"
        );
        assert_eq!(Cursor::decode(&text, List::Servers).unwrap(), cursor());
    }

    #[test]
    fn forged_and_garbled_cursors_are_refused() {
        let check = |text: &str| {
            let error = Cursor::decode(text, List::Servers).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        };
        let good = cursor().encode();
        for bad in [
            "",
            "A",
            "AQ",
            "garbage",
            "%00",
            "\0",
            "ü",
            "eyJuIjoiYS9iIn0",
            &good[1..],
            &format!("{good}="),
        ] {
            check(bad);
        }
        check(&"A".repeat(10_000));
        for at in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let bad = String::from_utf8(bytes).unwrap();
            // The last character may hold unused bits; then the decoder refuses it or nothing has changed.
            assert!(Cursor::decode(&bad, List::Servers).is_err(), "{at}");
        }
    }

    #[test]
    fn a_cursor_belongs_to_its_list() {
        assert!(Cursor::decode(&cursor().encode(), List::Items).is_err());
    }
}
