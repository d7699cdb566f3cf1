//! The columns of a result.

use super::frame::Bodies;
use super::shape;
use crate::row::RawValues;
use bytes::Bytes;
use postgres_types::{Oid, Type};
use std::io;

/// One column of a result.
#[derive(Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: Box<str>,
    pub(crate) r#type: Type,
}

/// The columns of a result, in order.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    list: Box<[Column]>,
    /// The description they were read from: the same bytes mean the same columns.
    description: Bytes,
    /// Is any type made of others, by names?
    has_attributes: bool,
}

impl Columns {
    pub(crate) fn new(description: Bytes, names: Vec<Box<str>>, types: Vec<Type>) -> Self {
        let has_attributes = types.iter().any(shape::has_attributes);
        let list = names.into_iter().zip(types);
        Self {
            list: list.map(|(name, r#type)| Column { name, r#type }).collect(),
            description,
            has_attributes,
        }
    }

    pub(super) fn has_attributes(&self) -> bool {
        self.has_attributes
    }

    pub(super) fn description(&self) -> Bytes {
        self.description.clone()
    }

    /// Are the values in DataRow messages made of what is known of their types?
    pub(super) fn fit(&self, block: &[u8]) -> bool {
        let row_fits = |body: &[u8]| {
            let values = RawValues(body.get(2..).unwrap_or_default());
            let mut values = values.zip(self.list());
            values.all(|(value, column)| value.is_none_or(|raw| shape::fits(&column.r#type, raw)))
        };
        !self.has_attributes || Bodies(block).all(row_fits)
    }

    pub(super) fn is_described_by(&self, description: &[u8]) -> bool {
        *self.description == *description
    }

    pub(crate) fn list(&self) -> &[Column] {
        &self.list
    }
}

/// The names and types in a RowDescription.
pub(super) fn described(body: &[u8]) -> io::Result<(Vec<Box<str>>, Vec<Oid>)> {
    let mut fields = Fields(body);
    let count = usize::from(u16::from_be_bytes(fields.take()?));
    let (mut names, mut types) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for _ in 0..count {
        names.push(fields.text()?);
        let _table: [u8; 6] = fields.take()?;
        types.push(Oid::from_be_bytes(fields.take()?));
        let _size_modifier_format: [u8; 8] = fields.take()?;
    }
    Ok((names, types))
}

/// The types in a ParameterDescription.
///
/// Their number is told by the length: the server takes more parameters than its count of two bytes can say.
pub(super) fn params(body: &[u8]) -> io::Result<Vec<Oid>> {
    let mut fields = Fields(body);
    let count = u16::from_be_bytes(fields.take()?);
    let (oids, rest) = fields.0.as_chunks();
    let wraps_to_count = oids.len() & usize::from(u16::MAX) == usize::from(count);
    if !rest.is_empty() || !wraps_to_count {
        return Err(too_short());
    }
    Ok(oids.iter().copied().map(Oid::from_be_bytes).collect())
}

/// Reads a message's body field by field.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk().ok_or_else(too_short)?;
        self.0 = rest;
        Ok(*field)
    }

    fn text(&mut self) -> io::Result<Box<str>> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let (text, rest) = self.0.split_at(end.ok_or_else(too_short)?);
        self.0 = &rest[1..];
        Ok(String::from_utf8_lossy(text).into())
    }
}

fn too_short() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a description of the server is too short",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_gives_names_and_types() {
        let body = b"\0\x02id\0\0\0\0\x01\0\x01\0\0\0\x17\0\x04\xff\xff\xff\xff\0\x01\
            name\0\0\0\0\x01\0\x02\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\x01";
        let (names, types) = described(body).expect("whole");
        assert_eq!(names, [Box::from("id"), Box::from("name")]);
        assert_eq!(types, [23, 25]);
        for end in 0..body.len() {
            assert!(described(&body[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn parameters_are_counted_beyond_what_two_bytes_can_say() {
        let body = |count: usize| {
            let said = u16::try_from(count & 0xffff)
                .expect("two bytes")
                .to_be_bytes();
            [said.as_slice(), &23_u32.to_be_bytes().repeat(count)].concat()
        };
        for count in [0, 1, 65_535, 65_536, 70_000] {
            assert_eq!(params(&body(count)).expect("whole"), vec![23; count]);
        }
        let whole = body(3);
        for end in 0..whole.len() {
            assert!(params(&whole[..end]).is_err(), "cut at {end}");
        }
    }
}
