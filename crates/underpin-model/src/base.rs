//! The seven columns that most tables share.

use crate::{DbValue, Field, Insert};
use jiff::Timestamp;
use serde::Serialize;
use underpin_core::Id;
use underpin_pool::{ColumnSpec, Error, FromRow, Values};
use uuid::Uuid;

/// Key, audit columns and soft delete, flattened into a model: `#[model(flatten)] pub base: Base`.
///
/// All times are the server's. The id is read through the model, where it has its type: `note.id()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Base {
    id: Uuid,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who made it.
    pub created_by: Option<String>,
    /// Who last changed it.
    pub updated_by: Option<String>,
    /// When it was deleted; None while it lives.
    pub deleted_at: Option<Timestamp>,
    is_active: bool,
}

impl Base {
    /// Its columns.
    pub const FIELDS: &'static [Field; 7] = &[
        Field::new::<Uuid>("id", "id").default("gen_random_uuid()"),
        Field::new::<Timestamp>("created_at", "created_at")
            .insert(Insert::Never)
            .default("now()"),
        Field::new::<Timestamp>("updated_at", "updated_at")
            .insert(Insert::Never)
            .default("now()"),
        Field::new::<Option<String>>("created_by", "created_by")
            .insert(Insert::Actor)
            .max_len(255),
        Field::new::<Option<String>>("updated_by", "updated_by")
            .insert(Insert::Actor)
            .max_len(255),
        Field::new::<Option<Timestamp>>("deleted_at", "deleted_at").insert(Insert::Never),
        Field::new::<bool>("is_active", "is_active")
            .insert(Insert::Never)
            .default("true"),
    ];

    /// The key, as the id of a model. Models offer it as `id()`.
    #[must_use]
    pub const fn id<M>(&self) -> Id<M> {
        Id::from_uuid(self.id)
    }

    /// How long ago the row was made, by the clock of this program.
    #[must_use]
    pub fn age(&self) -> jiff::SignedDuration {
        Timestamp::now().duration_since(self.created_at)
    }

    /// Was it deleted?
    #[must_use]
    pub const fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// The values of its columns, in their order.
    #[must_use]
    pub fn values(&self) -> [&dyn DbValue; 7] {
        let Self {
            id,
            created_at,
            updated_at,
            created_by,
            updated_by,
            deleted_at,
            is_active,
        } = self;
        [
            id, created_at, updated_at, created_by, updated_by, deleted_at, is_active,
        ]
    }

    /// Is it switched on? A deleted row never is; restored, it is what it was before.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.is_active && self.deleted_at.is_none()
    }
}

impl FromRow for Base {
    const COLUMNS: &'static [ColumnSpec] = &[
        ColumnSpec::of::<Uuid>("id"),
        ColumnSpec::of::<Timestamp>("created_at"),
        ColumnSpec::of::<Timestamp>("updated_at"),
        ColumnSpec::of::<Option<String>>("created_by"),
        ColumnSpec::of::<Option<String>>("updated_by"),
        ColumnSpec::of::<Option<Timestamp>>("deleted_at"),
        ColumnSpec::of::<bool>("is_active"),
    ];

    fn from_row(values: &mut Values<'_>) -> Result<Self, Error> {
        Ok(Self {
            id: values.take()?,
            created_at: values.take()?,
            updated_at: values.take()?,
            created_by: values.take()?,
            updated_by: values.take()?,
            deleted_at: values.take()?,
            is_active: values.take()?,
        })
    }
}
