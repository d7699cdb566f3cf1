//! An extension.

use super::Privileges;
use super::fact::fact;
use crate::Object;
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
    /// Its comment, when it is not the extension's own.
    pub comment: Option<String>,
}

impl Extension {
    /// The extension in the version and the schema that the server chooses.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            schema: None,
            version: None,
            comment: None,
        }
    }
}

/// What `ALTER … DEPENDS ON EXTENSION` notes: an object that is dropped with an extension, and is no member of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExtensionTie {
    /// A function, a trigger, a materialised view, an index or the constraint that it holds; and the extension.
    pub tie: (Object, String),
}

/// Privileges on a member of an extension, as far as they differ from those that its script gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExtensionPrivileges {
    /// Which member.
    pub key: ExtensionMember,
    /// How its privileges differ.
    pub privileges: Privileges,
}

/// A member of an extension, or one of its columns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ExtensionMember {
    /// The extension.
    pub extension: String,
    /// The member as `GRANT` names it: `ROUTINE public.similarity(text, text)`.
    pub target: String,
    /// The column, when it is about one.
    pub column: Option<String>,
}

fact!(Extension, name: String);
fact!(ExtensionTie, tie: (Object, String));
fact!(ExtensionPrivileges, key: ExtensionMember);
