//! A published version of a server, as lists read it.

use crate::Error;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use std::fmt;
use std::str::FromStr;
use underpin_core::{ErrorKind, Id};
use underpin_model::{DbEnum, FromRow};
use underpin_pool::{FromSql, Type};

/// One version of one server.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct ServerVersion {
    /// The row's id.
    pub id: Id<ServerVersion>,
    /// The server's name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The title, when the document has one.
    pub title: Option<String>,
    /// The description; never empty.
    pub description: String,
    /// The document exactly as it was published.
    pub document: Verbatim,
    /// Where the version is in its life.
    pub status: Status,
    /// Why it is there.
    pub status_message: Option<String>,
    /// Since when.
    pub status_changed_at: Timestamp,
    /// When it was first published: here, or in the registry that it was imported from.
    pub published_at: Timestamp,
    /// When it last changed here; what `updated_since` asks for.
    pub updated_at: Timestamp,
    /// Is it the server's latest version?
    pub is_latest: bool,
    /// The order of publication within one instant.
    pub(crate) sequence: i64,
}

/// JSON text exactly as it is stored: serialised, it is written byte for byte.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Verbatim(Box<RawValue>);

/// Equal are documents of the same text.
impl PartialEq for Verbatim {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Verbatim {
    /// The text.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }
}

impl<'a> FromSql<'a> for Verbatim {
    fn from_sql(
        r#type: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let text = String::from_sql(r#type, raw)?;
        Ok(Self(RawValue::from_string(text)?))
    }

    fn accepts(r#type: &Type) -> bool {
        <String as FromSql<'_>>::accepts(r#type)
    }
}

/// Where a version is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, DbEnum)]
#[db_enum(name = "registry_server_status")]
pub enum Status {
    /// Use it.
    #[default]
    Active,
    /// It works, but there is something better.
    Deprecated,
    /// Withdrawn: listed only to those who ask for deleted ones.
    Deleted,
}

impl Status {
    /// As on the wire and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.label()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_label(text).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidInput,
                "a status is active, deprecated or deleted",
            )
        })
    }
}
