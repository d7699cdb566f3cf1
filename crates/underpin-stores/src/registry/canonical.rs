//! One hash for one content, however it is written down.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of a document's content: key order and white space do not matter, everything else does.
///
/// Two texts with the same hash say the same, so an import of either changes nothing.
pub(crate) fn content_hash(document: &Value) -> [u8; 32] {
    let mut hasher = Sha256::new();
    feed(&mut hasher, document);
    hasher.finalize().into()
}

/// Each value begins with its kind and, where it has one, its length: no two values feed the same bytes.
fn feed(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hasher.update(b"n"),
        Value::Bool(false) => hasher.update(b"f"),
        Value::Bool(true) => hasher.update(b"t"),
        Value::Number(number) => feed_text(hasher, b'#', &number.to_string()),
        Value::String(text) => feed_text(hasher, b's', text),
        Value::Array(items) => {
            feed_length(hasher, b'[', items.len());
            items.iter().for_each(|item| feed(hasher, item));
        }
        Value::Object(fields) => {
            feed_length(hasher, b'{', fields.len());
            // Sorted here: whether serde_json keeps the order of keys depends on features of other crates.
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            for (key, field) in fields {
                feed_text(hasher, b'k', key);
                feed(hasher, field);
            }
        }
    }
}

fn feed_text(hasher: &mut Sha256, kind: u8, text: &str) {
    feed_length(hasher, kind, text.len());
    hasher.update(text);
}

fn feed_length(hasher: &mut Sha256, kind: u8, length: usize) {
    hasher.update([kind]);
    hasher.update((length as u64).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> [u8; 32] {
        content_hash(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn layout_does_not_matter() {
        assert_eq!(
            hash(r#"{"a":1,"b":[true,null]}"#),
            hash("{ \"b\": [true, null],\n \"a\": 1 }")
        );
        assert_eq!(hash(r#"{"a":"\u00e9"}"#), hash(r#"{"a":"é"}"#));
    }

    #[test]
    fn content_matters() {
        let different = [
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":[1]}"#,
            r#"{"a":[[1]]}"#,
            r#"{"a":1.0}"#,
            r#"{"b":1}"#,
            "[1]",
            "[[],1]",
        ];
        for (index, one) in different.iter().enumerate() {
            for other in &different[index + 1..] {
                assert_ne!(hash(one), hash(other), "{one} {other}");
            }
        }
    }
}
