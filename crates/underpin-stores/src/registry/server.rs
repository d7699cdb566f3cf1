//! A published version of a server, as it is stored.

use crate::Error;
use jiff::Timestamp;
use serde_json::value::RawValue;
use std::fmt;
use std::str::FromStr;
use underpin_core::{ErrorKind, Id};
use underpin_pool::Row;

/// One version of one server.
#[derive(Debug, Clone)]
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
    /// The document exactly as it was published: serialised, it is written byte for byte.
    pub document: Box<RawValue>,
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
}

/// Where a version is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
            Self::Deleted => "deleted",
        }
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
        match text {
            "active" => Ok(Self::Active),
            "deprecated" => Ok(Self::Deprecated),
            "deleted" => Ok(Self::Deleted),
            _ => Err(Error::new(
                ErrorKind::InvalidInput,
                "a status is active, deprecated or deleted",
            )),
        }
    }
}

impl ServerVersion {
    /// Reads the columns that every query of versions selects.
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        let read = || -> Result<_, underpin_pool::Error> {
            Ok((
                Self {
                    id: Id::from_uuid(row.get("id")?),
                    name: row.get("name")?,
                    version: row.get("version")?,
                    title: row.get("title")?,
                    description: row.get("description")?,
                    document: Box::default(),
                    status: Status::default(),
                    status_message: row.get("status_message")?,
                    status_changed_at: row.get("status_changed_at")?,
                    published_at: row.get("published_at")?,
                    updated_at: row.get("updated_at")?,
                    is_latest: row.get("is_latest")?,
                },
                row.get::<String>("document")?,
                row.get::<&str>("status")?,
            ))
        };
        let (mut server, document, status) =
            read().map_err(|error| Error::caused_by("could not read a server's row", error))?;
        server.document = raw_document(document)?;
        server.status = status.parse()?;
        Ok(server)
    }
}

/// A stored document, ready to be written as it is.
pub(crate) fn raw_document(text: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(text).map_err(|error| {
        Error::new(ErrorKind::Decode, "a stored document is not JSON").with_source(error)
    })
}
