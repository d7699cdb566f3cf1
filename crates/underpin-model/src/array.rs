//! Values of one column as an array, whatever their Rust type: what UNNEST takes.

use crate::Value;
use bytes::{BufMut, BytesMut};
use postgres_types::{IsNull, Kind, ToSql, Type, to_sql_checked};
use std::error::Error;

/// The values of a column in many rows.
#[derive(Debug)]
pub(crate) struct ArrayOf<'a>(pub(crate) Vec<Value<'a>>);

impl ToSql for ArrayOf<'_> {
    fn to_sql(
        &self,
        r#type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Kind::Array(member) = r#type.kind() else {
            return Err(format!("{type} is not an array").into());
        };
        let (dimensions, may_have_null) = (1, 1);
        out.put_i32(dimensions);
        out.put_i32(may_have_null);
        out.put_u32(member.oid());
        out.put_i32(i32::try_from(self.0.len())?);
        let first_index = 1;
        out.put_i32(first_index);
        for value in &self.0 {
            let at = out.len();
            out.put_i32(-1);
            if let IsNull::No = value.to_sql_checked(member, out)? {
                let length = i32::try_from(out.len() - at - 4)?;
                out[at..at + 4].copy_from_slice(&length.to_be_bytes());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(r#type: &Type) -> bool {
        matches!(r#type.kind(), Kind::Array(_))
    }

    to_sql_checked!();
}
