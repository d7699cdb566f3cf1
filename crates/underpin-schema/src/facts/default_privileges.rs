//! Privileges that objects made later are given.

use super::Privileges;
use super::fact::fact;
use serde::Serialize;

/// What `ALTER DEFAULT PRIVILEGES` sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DefaultPrivileges {
    /// Which objects it is about.
    pub key: DefaultPrivilegesKey,
    /// How their privileges differ from what they would be without.
    pub privileges: Privileges,
}

/// Which objects default privileges are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct DefaultPrivilegesKey {
    /// Made by this role. None: by the role that reads or runs this.
    pub role: Option<String>,
    /// Made in this schema. None: in any.
    pub schema: Option<String>,
    /// Of this kind.
    pub objects: Grantable,
}

/// Kinds of objects that default privileges exist for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantable {
    /// Tables, views and materialised views.
    Tables,
    /// Sequences.
    Sequences,
    /// Functions and procedures.
    Functions,
    /// Types and domains.
    Types,
    /// Schemas.
    Schemas,
    /// Large objects, since PostgreSQL 18.
    LargeObjects,
}

impl Grantable {
    /// As SQL writes it.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Tables => "TABLES",
            Self::Sequences => "SEQUENCES",
            Self::Functions => "FUNCTIONS",
            Self::Types => "TYPES",
            Self::Schemas => "SCHEMAS",
            Self::LargeObjects => "LARGE OBJECTS",
        }
    }
}

fact!(DefaultPrivileges, key: DefaultPrivilegesKey);
