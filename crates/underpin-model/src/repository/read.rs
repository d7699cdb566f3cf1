//! Reading one row.

use super::write::not_found;
use crate::doing::Doing;
use crate::statement::Origin;
use crate::{Error, Filter, Model, Place, Repository, Transactional};
use underpin_pool::Executor;

impl<M: Model, P: Place> Repository<M, P> {
    /// The row of a key.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`](crate::FaultKind::NotFound) when there is none, or it is deleted; whatever the pool reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn get(&self, id: M::Id) -> Result<M, Error> {
        self.by_key(M::TABLE.sql.get, &id)
            .await?
            .ok_or_else(|| not_found::<M>(Doing::Get))
    }

    /// The row of a key; None when there is none, or it is deleted.
    ///
    /// # Errors
    /// Whatever the pool reports.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn get_opt(&self, id: M::Id) -> Result<Option<M>, Error> {
        self.by_key(M::TABLE.sql.get, &id).await
    }

    /// The row of a key, deleted or not.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn get_with_deleted(&self, id: M::Id) -> Result<M, Error> {
        self.by_key(M::TABLE.sql.get_any, &id)
            .await?
            .ok_or_else(|| not_found::<M>(Doing::Get))
    }

    /// The only row that fulfils a condition: `users.get_by(User::EMAIL.eq("ada@example.org"))`.
    ///
    /// # Errors
    /// As [`Find::one`](crate::Find::one).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn get_by(&self, filter: Filter<M>) -> Result<M, Error> {
        self.find(filter).one().await
    }

    async fn by_key(&self, sql: &str, id: &M::Id) -> Result<Option<M>, Error> {
        let rows = self.executor().query_as::<M>(sql, &M::key_values(id)).await;
        let rows = rows.map_err(|cause| {
            let key = Origin::nth(M::TABLE.key.iter().copied());
            Error::of_statement(M::TABLE, Doing::Get, cause, key)
        })?;
        Ok(rows.into_iter().next())
    }
}

impl<M: Model, P: Transactional> Repository<M, P> {
    /// The row of a key, locked until the transaction ends.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    ///
    /// # Locks
    /// `FOR UPDATE` on the row: waits for others that hold it.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn lock(&self, id: M::Id) -> Result<M, Error> {
        self.by_key(M::TABLE.sql.lock, &id)
            .await?
            .ok_or_else(|| not_found::<M>(Doing::Lock))
    }
}
