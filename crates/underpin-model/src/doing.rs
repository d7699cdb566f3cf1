//! What a repository was doing when a statement failed.

use std::fmt;

/// What was done: for messages, and to tell which side of a foreign key was violated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Create,
    CreateMany,
    CopyMany,
    Upsert,
    Update,
    UpdateMany,
    Restore,
    Delete,
    DeleteMany,
    Purge,
    Get,
    Lock,
    Find,
    List,
}

impl Doing {
    /// May another row point at one that this writes or removes? Nobody points at a new row.
    pub(crate) const fn may_be_pointed_at(self) -> bool {
        !matches!(self, Self::Create | Self::CreateMany | Self::CopyMany)
    }

    /// Does it write values of the model's own columns, which may point to no row?
    pub(crate) const fn writes(self) -> bool {
        !matches!(self, Self::Delete | Self::DeleteMany | Self::Purge)
    }
}

/// As in "could not … Note".
impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::CreateMany => "create many",
            Self::CopyMany => "copy many",
            Self::Upsert => "upsert",
            Self::Update => "update",
            Self::UpdateMany => "update many",
            Self::Restore => "restore",
            Self::Delete => "delete",
            Self::DeleteMany => "delete many",
            Self::Purge => "purge",
            Self::Get => "get",
            Self::Lock => "lock",
            Self::Find => "find",
            Self::List => "list",
        })
    }
}
