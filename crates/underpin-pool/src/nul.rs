//! Finds NUL characters, which PostgreSQL has no place for, in values that are encoded.
//!
//! The server refuses them too, but its report names neither the parameter nor, of course, the field of a model.

use postgres_types::{Kind, Type};
use std::fmt;

/// A text that is to be sent has a NUL character (U+0000).
///
/// It is among the causes of an [`Error`](crate::Error) of the kind `InvalidInput`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NulCharacter;

impl fmt::Display for NulCharacter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "it has a NUL character (U+0000), which PostgreSQL cannot store in text and jsonb",
        )
    }
}

impl std::error::Error for NulCharacter {}

/// Has a value a NUL character somewhere, that was encoded in the binary form of its type?
pub(crate) fn is_in(r#type: &Type, raw: &[u8]) -> bool {
    match *r#type {
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::XML => {
            raw.contains(&0)
        }
        // A byte for the version, then JSON as text.
        Type::JSONB => raw.get(1..).is_some_and(is_in_json),
        _ => match r#type.kind() {
            Kind::Simple => r#type.name() == "citext" && raw.contains(&0),
            Kind::Enum(_) => raw.contains(&0),
            Kind::Domain(beneath) => is_in(beneath, raw),
            Kind::Array(member) => is_in_array(member, raw),
            Kind::Composite(fields) => is_in_composite(fields, raw),
            // A byte of flags, then one or two bounds.
            Kind::Range(bound) => raw.get(1..).is_some_and(|raw| is_in_items(bound, raw)),
            // How many there are, then the ranges.
            Kind::Multirange(range) => raw.get(4..).is_some_and(|raw| is_in_items(range, raw)),
            _ => false,
        },
    }
}

/// Dimensions, flags, the members' type; a size and a first index a dimension; the members.
fn is_in_array(member: &Type, raw: &[u8]) -> bool {
    const HEAD: usize = 12;
    const DIMENSION: usize = 8;
    let Some((dimensions, _)) = raw.split_first_chunk() else {
        return false;
    };
    let dimensions = usize::try_from(i32::from_be_bytes(*dimensions)).unwrap_or(0);
    raw.get(HEAD + dimensions * DIMENSION..)
        .is_some_and(|raw| is_in_items(member, raw))
}

/// How many fields there are; of each its type and its value.
fn is_in_composite(fields: &[postgres_types::Field], raw: &[u8]) -> bool {
    let mut items = Items(raw.get(4..).unwrap_or_default());
    fields.iter().any(|field| {
        items.0 = items.0.get(4..).unwrap_or_default();
        let value = items.next().flatten();
        value.is_some_and(|value| is_in(field.type_(), value))
    })
}

fn is_in_items(r#type: &Type, raw: &[u8]) -> bool {
    Items(raw).flatten().any(|value| is_in(r#type, value))
}

/// Values after their lengths; None is NULL.
struct Items<'a>(&'a [u8]);

impl<'a> Iterator for Items<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first_chunk()?;
        let length = usize::try_from(i32::from_be_bytes(*length)).ok();
        let (value, rest) = rest.split_at_checked(length.unwrap_or(0))?;
        self.0 = rest;
        Some(length.map(|_| value))
    }
}

/// Is there the escape `\u0000`, whose backslash is not itself escaped?
fn is_in_json(mut text: &[u8]) -> bool {
    // Found quickly where there is none, as in most documents.
    while text.contains(&b'\\') {
        let at = text.iter().position(|byte| *byte == b'\\').unwrap_or(0);
        let escape = &text[at + 1..];
        if escape.starts_with(b"u0000") {
            return true;
        }
        text = escape.get(1..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BytesMut;
    use postgres_types::{Field, Json, ToSql};
    use serde_json::json;

    fn check(value: &dyn ToSql, r#type: &Type, expected: bool) {
        let mut raw = BytesMut::new();
        value.to_sql_checked(r#type, &mut raw).expect("it fits");
        assert_eq!(is_in(r#type, &raw), expected, "{type} {raw:?}");
    }

    #[test]
    fn text_has_it_or_not() {
        for r#type in [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME] {
            check(&"a\0", &r#type, true);
            check(&"a\\u0000", &r#type, false);
        }
        check(&vec![0_u8], &Type::BYTEA, false);
        check(&0_i32, &Type::INT4, false);
    }

    #[test]
    fn json_has_it_as_an_escape() {
        check(&Json(json!({"a": ["b\0"]})), &Type::JSONB, true);
        check(&Json(json!({"a\0": 1})), &Type::JSONB, true);
        check(&Json(json!("\\u0000")), &Type::JSONB, false);
        check(&Json(json!("\\\0")), &Type::JSONB, true);
        check(&Json(json!("\\")), &Type::JSONB, false);
        check(&Json(json!("\n\t\u{1}")), &Type::JSONB, false);
        // json keeps the escape as it is.
        check(&Json(json!("\0")), &Type::JSON, false);
    }

    #[test]
    fn lists_and_what_is_in_them_have_it() {
        check(&vec!["a", "b\0"], &Type::TEXT_ARRAY, true);
        check(&vec![None, Some("b")], &Type::TEXT_ARRAY, false);
        check(&Vec::<&str>::new(), &Type::TEXT_ARRAY, false);
        check(&vec![0_i32, 0], &Type::INT4_ARRAY, false);
        check(&vec![Json(json!("\0"))], &Type::JSONB_ARRAY, true);
    }

    #[test]
    fn composites_domains_enums_and_ranges_have_it() {
        let own = |kind| Type::new("own".into(), 99_999, kind, "public".into());
        let domain = own(Kind::Domain(Type::TEXT));
        assert!(is_in(&domain, b"\0") && !is_in(&domain, b"a"));
        assert!(is_in(&own(Kind::Enum(vec!["a".into()])), b"\0"));
        let parts = [("n", Type::INT4), ("t", domain)];
        let parts = parts.map(|(name, r#type)| Field::new(name.into(), r#type));
        let composite = own(Kind::Composite(parts.into()));
        let value = |text: &[u8]| -> Vec<u8> {
            let head = b"\0\0\0\x02\0\0\0\x17\0\0\0\x04\0\0\0\0\0\x01\x86\x9f\0\0\0\x01";
            [head, text].concat()
        };
        assert!(is_in(&composite, &value(b"\0")));
        assert!(!is_in(&composite, &value(b"a")));
        assert!(!is_in(&composite, &value(b"")));
        let range = own(Kind::Range(Type::TEXT));
        assert!(is_in(&range, b"\x02\0\0\0\x01a\0\0\0\x01\0"));
        assert!(!is_in(&range, b"\x02\0\0\0\x01a\0\0\0\x01b"));
        assert!(!is_in(&range, b"\x01"));
        assert!(is_in(
            &own(Kind::Multirange(range)),
            b"\0\0\0\x01\0\0\0\x06\x12\0\0\0\x01\0"
        ));
    }
}
