//! What values are made of. A composite type keeps its number when its attributes change, so nothing but its values tells
//! that what is known of it is out of date: each attribute comes with the number of its type.

use bytes::Buf;
use postgres_types::{Field, Kind, Type};

/// Is the type a composite type, or made of one?
pub(super) fn has_attributes(r#type: &Type) -> bool {
    match r#type.kind() {
        Kind::Composite(_) => true,
        Kind::Array(part) | Kind::Domain(part) => has_attributes(part),
        _ => false,
    }
}

/// Is the value made of what is known of its type? One that cannot be read is left to whoever reads it.
pub(super) fn fits(r#type: &Type, raw: &[u8]) -> bool {
    match r#type.kind() {
        Kind::Composite(fields) => attributes_fit(fields, raw).unwrap_or(true),
        Kind::Array(member) if has_attributes(member) => members_fit(member, raw).unwrap_or(true),
        Kind::Domain(beneath) => fits(beneath, raw),
        _ => true,
    }
}

fn attributes_fit(fields: &[Field], mut raw: &[u8]) -> Option<bool> {
    let count = usize::try_from(raw.try_get_i32().ok()?).ok()?;
    if count != fields.len() {
        return Some(false);
    }
    for field in fields {
        let oid = raw.try_get_u32().ok()?;
        let value = take(&mut raw)?;
        let known = field.type_();
        // What the catalogue does not show stays unknown.
        let is_same = *known == Type::UNKNOWN || known.oid() == oid;
        if !is_same || !value.is_none_or(|value| fits(known, value)) {
            return Some(false);
        }
    }
    Some(true)
}

fn members_fit(member: &Type, mut raw: &[u8]) -> Option<bool> {
    let dimensions = usize::try_from(raw.try_get_i32().ok()?).ok()?;
    let _has_nulls = raw.try_get_i32().ok()?;
    let _member = raw.try_get_u32().ok()?;
    let _lengths_and_bounds = raw.split_off(..dimensions.checked_mul(8)?)?;
    while !raw.is_empty() {
        if !take(&mut raw)?.is_none_or(|value| fits(member, value)) {
            return Some(false);
        }
    }
    Some(true)
}

/// A value behind its length; None inside stands for NULL.
fn take<'a>(raw: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = raw.try_get_i32().ok()?;
    match usize::try_from(length) {
        Ok(length) => Some(Some(raw.split_off(..length)?)),
        Err(_) => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(oids: [u32; 2], values: [Option<&[u8]>; 2]) -> Vec<u8> {
        let mut raw = Vec::from(2_i32.to_be_bytes());
        for (oid, value) in oids.into_iter().zip(values) {
            raw.extend(oid.to_be_bytes());
            let length = value.map_or(-1, |value| i32::try_from(value.len()).expect("short"));
            raw.extend(length.to_be_bytes());
            raw.extend(value.unwrap_or_default());
        }
        raw
    }

    fn composite(fields: &[Type]) -> Type {
        let fields = fields
            .iter()
            .map(|r#type| Field::new(String::from("a"), r#type.clone()));
        let kind = Kind::Composite(fields.collect());
        Type::new(String::from("pair"), 70_000, kind, String::from("public"))
    }

    #[test]
    fn composite_fits_while_number_and_types_of_its_attributes_are_those_known() {
        let known = composite(&[Type::INT4, Type::TEXT]);
        let raw = pair([23, 25], [None, Some(b"abc")]);
        assert!(fits(&known, &raw));
        assert!(!fits(&composite(&[Type::INT4]), &raw), "one more");
        assert!(
            !fits(&composite(&[Type::INT8, Type::TEXT]), &raw),
            "another type"
        );
        assert!(
            fits(&known, &raw[..raw.len() - 1]),
            "cut: not for us to say"
        );
        let mut list = Vec::new();
        for word in [
            1_i32,
            0,
            70_000,
            1,
            1,
            i32::try_from(raw.len()).expect("short"),
        ] {
            list.extend(word.to_be_bytes());
        }
        list.extend(raw);
        let array = |member| {
            let kind = Kind::Array(member);
            Type::new(String::from("_pair"), 70_001, kind, String::from("public"))
        };
        assert!(fits(&array(known), &list));
        assert!(!fits(&array(composite(&[Type::INT4, Type::INT4])), &list));
    }
}
