//! The models of these tests.

use jiff::Timestamp;
use underpin_model::{Base, DbEnum, Id, Json, Model};

/// Who owns notes.
#[derive(Debug, Clone, Model)]
pub(crate) struct User {
    #[model(flatten)]
    pub(crate) base: Base,
    #[model(unique, max_len = 255, email)]
    pub(crate) email: String,
    #[model(private)]
    pub(crate) password_hash: Option<String>,
}

/// The state of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
pub(crate) enum State {
    Draft,
    #[db_enum(label = "in review")]
    InReview,
    Published,
}

/// The note of the overview.
#[derive(Debug, Clone, Model)]
#[model(table = "notes", soft_delete, audited)]
#[model(index(owner_id, created_at desc), check(name = "priority_is_small", "priority < 10"))]
pub(crate) struct Note {
    #[model(flatten)]
    pub(crate) base: Base,
    /// What it is called.
    #[model(unique, max_len = 255, search, length(min = 1))]
    pub(crate) title: String,
    #[model(index = "gin")]
    pub(crate) tags: Vec<String>,
    #[model(references = User, on_delete = "cascade")]
    pub(crate) owner_id: Id<User>,
    #[model(default = "'{}'::jsonb")]
    pub(crate) metadata: Json,
    #[model(default = "'draft'::state")]
    pub(crate) state: State,
    #[model(range(min = 0, max = 9))]
    pub(crate) priority: Option<i32>,
}

/// A model without a base: a key of two columns, a version, a time that the server sets.
#[derive(Debug, Clone, Model)]
#[model(primary_key(room, day))]
pub(crate) struct Booking {
    pub(crate) room: String,
    pub(crate) day: jiff::civil::Date,
    pub(crate) guest: String,
    #[model(version)]
    pub(crate) revision: i64,
    pub(crate) updated_at: Timestamp,
}

/// A key that the database counts.
#[derive(Debug, Clone, Model)]
pub(crate) struct Counter {
    #[model(primary_key, identity)]
    pub(crate) id: i64,
    #[model(default = "0")]
    pub(crate) hits: i64,
    pub(crate) label: String,
}
