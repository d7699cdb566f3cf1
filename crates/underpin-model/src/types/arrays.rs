//! Arrays: a `Vec` of any type that is not an array itself.

use super::DbType;
use serde_json::Value as JsonValue;
use std::borrow::Cow;
use underpin_schema::Schema;

impl<T: DbType> DbType for Vec<T> {
    fn data_type() -> Cow<'static, str> {
        Cow::Owned(format!("{}[]", T::data_type()))
    }

    fn declare(schema: &mut Schema) {
        T::declare(schema);
    }

    fn to_json(&self) -> JsonValue {
        self.iter().map(DbType::to_json).collect()
    }

    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
}
