//! An extension.

use super::fact::fact;
use serde::Serialize;

/// An installed extension. What it made is its own and not part of the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Where its objects lie. None: wherever the extension or PostgreSQL chooses.
    pub schema: Option<String>,
    /// None: the version that the server offers by default.
    pub version: Option<String>,
}

impl Extension {
    /// The extension in the version and the schema that the server chooses.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            schema: None,
            version: None,
        }
    }
}

fact!(Extension, name: String);
