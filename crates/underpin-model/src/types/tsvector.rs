//! Documents prepared for full text search.

use super::DbType;
use crate::SqlValue;
use bytes::{Buf, BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};
use serde_json::Value as JsonValue;
use std::borrow::Cow;
use std::error::Error;

/// A `tsvector`: usually a generated column, which is searched in and hardly ever read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TsVector(pub Vec<Lexeme>);

/// A word of a document, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lexeme {
    /// The word, in its normal form.
    pub word: String,
    /// Its places; the two highest bits are the weight, from 3 for A to 0 for D.
    pub positions: Vec<u16>,
}

type BoxError = Box<dyn Error + Sync + Send>;

impl<'a> FromSql<'a> for TsVector {
    fn from_sql(_type: &Type, mut raw: &'a [u8]) -> Result<Self, BoxError> {
        let ended = "a tsvector ends too early";
        if raw.remaining() < 4 {
            return Err(ended.into());
        }
        let count = raw.get_u32();
        let mut lexemes = Vec::new();
        for _ in 0..count {
            let end = raw.iter().position(|byte| *byte == 0).ok_or(ended)?;
            let word = String::from(std::str::from_utf8(&raw[..end])?);
            raw.advance(end + 1);
            if raw.remaining() < 2 {
                return Err(ended.into());
            }
            let places = usize::from(raw.get_u16());
            if raw.remaining() < places * 2 {
                return Err(ended.into());
            }
            let positions = (0..places).map(|_| raw.get_u16()).collect();
            lexemes.push(Lexeme { word, positions });
        }
        Ok(Self(lexemes))
    }

    accepts!(TS_VECTOR);
}

impl ToSql for TsVector {
    fn to_sql(&self, _type: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        out.put_u32(u32::try_from(self.0.len())?);
        for Lexeme { word, positions } in &self.0 {
            out.put_slice(word.as_bytes());
            out.put_u8(0);
            out.put_u16(u16::try_from(positions.len())?);
            positions.iter().for_each(|position| out.put_u16(*position));
        }
        Ok(IsNull::No)
    }

    accepts!(TS_VECTOR);
    to_sql_checked!();
}

impl SqlValue for TsVector {}

impl DbType for TsVector {
    fn data_type() -> Cow<'static, str> {
        Cow::Borrowed("tsvector")
    }

    fn to_json(&self) -> JsonValue {
        self.0
            .iter()
            .map(|lexeme| JsonValue::from(lexeme.word.as_str()))
            .collect()
    }
}
