//! JSON, typed and untyped.

use super::DbType;
use crate::{Kind, SqlValue};
use bytes::BytesMut;
use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as JsonValue;
use std::borrow::Cow;
use std::error::Error;
use std::fmt::Debug;

/// A `jsonb` column. `Json` alone holds any JSON, `Json<T>` what serde reads and writes as a `T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T = JsonValue>(pub T);

impl<'a, T: Deserialize<'a>> FromSql<'a> for Json<T> {
    fn from_sql(r#type: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let postgres_types::Json(value) = postgres_types::Json::from_sql(r#type, raw)?;
        Ok(Self(value))
    }

    fn accepts(r#type: &Type) -> bool {
        <postgres_types::Json<T> as FromSql<'_>>::accepts(r#type)
    }
}

impl<T: Serialize + Debug> ToSql for Json<T> {
    fn to_sql(
        &self,
        r#type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        postgres_types::Json(&self.0).to_sql(r#type, out)
    }

    fn accepts(r#type: &Type) -> bool {
        <postgres_types::Json<T> as ToSql>::accepts(r#type)
    }

    to_sql_checked!();
}

impl<T> SqlValue for Json<T>
where
    T: Serialize + DeserializeOwned + Debug + Clone + Send + Sync + 'static,
{
    const KIND: Kind = Kind::Json;

    fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn print(&self) -> String {
        // What cannot be serialised cannot be bound either, which reports it.
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

impl<T> DbType for Json<T>
where
    T: Serialize + DeserializeOwned + Debug + Clone + Send + Sync + 'static,
{
    fn data_type() -> Cow<'static, str> {
        Cow::Borrowed("jsonb")
    }

    fn to_json(&self) -> JsonValue {
        serde_json::to_value(&self.0).unwrap_or_default()
    }
}

impl DbType for JsonValue {
    fn data_type() -> Cow<'static, str> {
        Cow::Borrowed("jsonb")
    }

    fn to_json(&self) -> JsonValue {
        self.clone()
    }
}
