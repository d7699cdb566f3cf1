//! Which Rust type goes with a type of the database, for hints.

use postgres_types::{Kind, Type};

/// The usual Rust type of a type's values: `i64` for `int8`.
pub(crate) fn of(r#type: &Type) -> Option<String> {
    let name = match *r#type {
        Type::BOOL => "bool",
        Type::INT2 => "i16",
        Type::INT4 => "i32",
        Type::INT8 => "i64",
        Type::FLOAT4 => "f32",
        Type::FLOAT8 => "f64",
        Type::NUMERIC => "rust_decimal::Decimal",
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => "String",
        Type::BYTEA => "Vec<u8>",
        Type::UUID => "uuid::Uuid",
        Type::JSON | Type::JSONB => "serde_json::Value",
        Type::TIMESTAMPTZ => "jiff::Timestamp",
        Type::TIMESTAMP => "jiff::civil::DateTime",
        Type::DATE => "jiff::civil::Date",
        Type::TIME => "jiff::civil::Time",
        Type::INET => "std::net::IpAddr",
        Type::OID => "u32",
        _ => {
            return match r#type.kind() {
                Kind::Array(member) => of(member).map(|member| format!("Vec<{member}>")),
                Kind::Domain(beneath) => of(beneath),
                _ => None,
            };
        }
    };
    Some(String::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_they_are_written() {
        assert_eq!(of(&Type::INT8).as_deref(), Some("i64"));
        assert_eq!(of(&Type::TEXT_ARRAY).as_deref(), Some("Vec<String>"));
        assert_eq!(of(&Type::POINT), None);
    }
}
