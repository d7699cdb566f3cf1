//! Rows of one model: read, written, found.

mod bulk;
mod endings;
mod find;
mod place;
mod read;
mod statements;
mod write;

pub use endings::ALL_ROWS_MAX;
pub use find::Find;
pub use place::{Place, Transactional};
pub use write::UniqueKey;

use crate::Model;
use std::fmt;
use std::marker::PhantomData;
use underpin_pool::Database;

/// The rows of a model. Single statements on a [`Database`] commit by themselves; see [`on`](Self::on).
pub struct Repository<M, P = Database> {
    place: P,
    model: PhantomData<fn() -> M>,
}

impl<M: Model, P: Place> Repository<M, P> {
    /// The rows of a model, through a database, session or transaction.
    pub const fn new(place: P) -> Self {
        Self {
            place,
            model: PhantomData,
        }
    }

    /// The same rows inside a transaction or on a session: `notes.on(&tx)`.
    pub const fn on<Q: Place>(&self, place: Q) -> Repository<M, Q> {
        Repository::new(place)
    }

    pub(crate) const fn place(&self) -> &P {
        &self.place
    }

    /// What its statements run on.
    pub fn executor(&self) -> &P::Executor {
        self.place.executor()
    }
}

impl<M: Model, P> fmt::Debug for Repository<M, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repository<{}>", M::TABLE.model)
    }
}

/// Gives a [`Database`] its repositories.
pub trait Repositories {
    /// The rows of a model: `db.repository::<Note>()`. Cheap: make it where you need it, or keep it.
    fn repository<M: Model>(&self) -> Repository<M>;
}

impl Repositories for Database {
    fn repository<M: Model>(&self) -> Repository<M> {
        Repository::new(self.clone())
    }
}
