//! pgvector: embeddings. Needs the extension `vector` in the schema `public`.

use super::{Blank, DbType};
use crate::SqlValue;
use serde_json::Value as JsonValue;
use std::borrow::Cow;
use underpin_schema::{Extension, Schema};

pub use pgvector::{HalfVector, Vector};

fn declare_extension(schema: &mut Schema) {
    schema.extensions.insert(Extension::new("vector"));
}

macro_rules! vectors {
    ($($type:ident => $name:literal;)+) => {$(
        impl SqlValue for $type {}

        impl DbType for $type {
            fn data_type() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }

            fn declare(schema: &mut Schema) {
                declare_extension(schema);
            }

            fn to_json(&self) -> JsonValue {
                self.as_slice().iter().map(|value| f64::from(*value)).collect()
            }

            fn count(&self) -> Option<usize> {
                Some(self.as_slice().len())
            }
        }

        impl Blank for $type {
            fn blank() -> Self {
                Self::from(Vec::new())
            }
        }
    )+};
}

vectors! {
    Vector => "public.vector";
    HalfVector => "public.halfvec";
}
