//! Writing one row.

use super::statements::{self, Assigned};
use crate::doing::Doing;
use crate::statement::Origin;
use crate::{
    Actor, Column, DbValue, Error, Fault, FaultKind, Model, NewRow, PatchRow, Place, Repository,
    Value, validate,
};
use underpin_core::ErrorKind;
use underpin_pool::Executor;

/// What tells that a row is there already: a unique column, or several that are unique together.
pub trait UniqueKey<M> {
    /// The columns' names.
    fn columns(&self) -> Vec<&'static str>;
}

impl<M, T> UniqueKey<M> for Column<M, T> {
    fn columns(&self) -> Vec<&'static str> {
        vec![self.name()]
    }
}

macro_rules! unique_keys {
    ($(($($name:ident),+))+) => {$(
        impl<M, $($name),+> UniqueKey<M> for ($(Column<M, $name>,)+) {
            fn columns(&self) -> Vec<&'static str> {
                #[expect(non_snake_case, reason = "the variables are named as their types")]
                let ($($name,)+) = self;
                vec![$($name.name()),+]
            }
        }
    )+};
}

unique_keys! {
    (A, B)
    (A, B, C)
    (A, B, C, D)
}

impl<M: Model, P: Place> Repository<M, P> {
    /// Writes a new row and returns it as the database has it.
    ///
    /// What the row does not say comes from the database's defaults; an id that is not given is made here.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with all that validation finds; [`FaultKind::Duplicate`], [`FaultKind::ForeignKey`] and
    /// so on, naming field and constraint; whatever the pool reports.
    ///
    /// # Cancel safety
    /// Dropped midway, the row is there or not.
    pub async fn create(&self, mut new: M::New, actor: &Actor) -> Result<M, Error> {
        new.fill();
        let given = new.values();
        validate::new_row(M::TABLE, &given)?;
        let assigned = Assigned::new_row(M::TABLE, &given, actor);
        let sql = assigned.insert(M::TABLE);
        let columns = assigned.columns.iter().map(|column| column.name);
        self.returned(Doing::Create, &sql, &assigned.values, columns)
            .await
    }

    /// Writes a new row, or changes the one that has its unique key: to what the new row says, and nothing else.
    ///
    /// `users.upsert(new, Users::EMAIL, &actor)`. Of a model that marks rows deleted only living rows count: a deleted one is
    /// neither changed nor brought back.
    ///
    /// # Errors
    /// As [`create`](Self::create); [`FaultKind::NotFound`] when the key is one that deleted rows keep, such as the primary key,
    /// and a deleted row has it; [`ErrorKind::Sql`] when the columns are not unique.
    ///
    /// # Cancel safety
    /// Dropped midway, it was done or not.
    pub async fn upsert(
        &self,
        mut new: M::New,
        key: impl UniqueKey<M>,
        actor: &Actor,
    ) -> Result<M, Error> {
        new.fill();
        let given = new.values();
        validate::new_row(M::TABLE, &given)?;
        let assigned = Assigned::new_row(M::TABLE, &given, actor);
        let sql = assigned.upsert(M::TABLE, &key.columns());
        let columns = assigned.columns.iter().map(|column| column.name);
        let written = self
            .returned(Doing::Upsert, &sql, &assigned.values, columns)
            .await;
        written.map_err(|error| match error.is(FaultKind::NotFound) {
            true => error
                .with_hint("the row that has this key is deleted: `restore` or `purge` it before"),
            false => error,
        })
    }

    /// Changes what the patch sets, and nothing else. An empty patch writes nothing.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] when there is no such row, or it is deleted; otherwise as [`create`](Self::create).
    ///
    /// # Cancel safety
    /// Dropped midway, the row is changed or not.
    pub async fn update(&self, id: M::Id, patch: M::Patch, actor: &Actor) -> Result<M, Error> {
        self.apply(&id, &patch, None, actor).await
    }

    /// As [`update`](Self::update), if nobody has changed the row since `seen` was read.
    ///
    /// The row's version tells, or else `updated_at`, which every change moves.
    ///
    /// # Errors
    /// [`FaultKind::Stale`] when it was changed meanwhile; [`ErrorKind::Unsupported`] when the model has neither column;
    /// otherwise as [`update`](Self::update).
    ///
    /// # Cancel safety
    /// Dropped midway, the row is changed or not.
    pub async fn update_unchanged(
        &self,
        seen: &M,
        patch: M::Patch,
        actor: &Actor,
    ) -> Result<M, Error> {
        if M::TABLE.version().is_none() {
            let message = format!(
                "{} has no column that tells whether a row was changed",
                M::TABLE.model
            );
            return Err(Error::new(ErrorKind::Unsupported, message)
                .with_hint("give it `updated_at`, or an i64 with #[model(version)]"));
        }
        self.apply(&seen.key(), &patch, version_of(seen), actor)
            .await
    }

    /// Deletes a row: marks it deleted, if the model does that; removes it otherwise.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] when there is no such row, or it is deleted already; [`FaultKind::ForeignKey`] when others
    /// point at a row that is to be removed.
    ///
    /// # Cancel safety
    /// Dropped midway, it is deleted or not.
    pub async fn delete(&self, id: M::Id, actor: &Actor) -> Result<(), Error> {
        let values = marking::<M>(&id, actor, M::TABLE.soft_delete);
        self.counted(Doing::Delete, M::TABLE.sql.delete, &values)
            .await
    }

    /// Removes a row for good, deleted before or not.
    ///
    /// # Errors
    /// As [`delete`](Self::delete).
    ///
    /// # Cancel safety
    /// Dropped midway, it is gone or not.
    pub async fn purge(&self, id: M::Id) -> Result<(), Error> {
        self.counted(Doing::Purge, M::TABLE.sql.purge, &M::key_values(&id))
            .await
    }

    /// Undoes a soft delete.
    ///
    /// # Errors
    /// [`FaultKind::NotFound`] when there is no such row that is deleted; [`FaultKind::Duplicate`] when another row has
    /// taken its unique value meanwhile; [`ErrorKind::Unsupported`] when the model removes rows.
    ///
    /// # Cancel safety
    /// Dropped midway, it is restored or not.
    pub async fn restore(&self, id: M::Id, actor: &Actor) -> Result<M, Error> {
        if !M::TABLE.soft_delete {
            let message = format!("{} removes rows, which cannot be undone", M::TABLE.model);
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let values = marking::<M>(&id, actor, true);
        let columns = M::TABLE.key_parameters();
        self.returned(Doing::Restore, M::TABLE.sql.restore, &values, columns)
            .await
    }

    async fn apply(
        &self,
        id: &M::Id,
        patch: &M::Patch,
        seen: Option<Version<'_>>,
        actor: &Actor,
    ) -> Result<M, Error> {
        let changes = patch.values();
        validate::patch(M::TABLE, &changes)?;
        if changes.is_empty() {
            let row = self.get(id.clone()).await?;
            return match (seen, version_of(&row)) {
                (Some(seen), Some(now)) if seen.value.to_json() != now.value.to_json() => {
                    Err(stale::<M>(&seen))
                }
                _ => Ok(row),
            };
        }
        let columns = changes.iter().map(|(column, _)| *column);
        let sql = statements::update(M::TABLE, columns, seen.as_ref().map(|seen| seen.column));
        let mut values = marking::<M>(id, actor, true);
        values.extend(changes.iter().map(|(_, value)| *value as Value<'_>));
        values.extend(seen.as_ref().map(|seen| seen.value as Value<'_>));
        let columns = changes.iter().map(|(column, _)| *column);
        let columns = M::TABLE.key_parameters().chain(columns);
        let outcome = self.returned(Doing::Update, &sql, &values, columns).await;
        match (outcome, seen) {
            (Err(error), Some(seen)) if error.is(FaultKind::NotFound) => {
                // Not there, or not as it was?
                self.get(id.clone()).await?;
                Err(stale::<M>(&seen))
            }
            (outcome, _) => outcome,
        }
    }

    /// Runs a statement that returns the row it wrote; each value is for one of `columns`.
    async fn returned(
        &self,
        doing: Doing,
        sql: &str,
        values: &[Value<'_>],
        columns: impl Iterator<Item = &'static str>,
    ) -> Result<M, Error> {
        let rows = self.executor().query_as::<M>(sql, values).await;
        let column_of = Origin::nth(columns);
        let rows = rows.map_err(|cause| Error::of_statement(M::TABLE, doing, cause, column_of))?;
        rows.into_iter().next().ok_or_else(|| not_found::<M>(doing))
    }

    /// Runs a statement that writes one row.
    async fn counted(&self, doing: Doing, sql: &str, values: &[Value<'_>]) -> Result<(), Error> {
        let count = self.executor().execute(sql, values).await;
        let column_of = Origin::nth(M::TABLE.key_parameters());
        match count.map_err(|cause| Error::of_statement(M::TABLE, doing, cause, column_of))? {
            0 => Err(not_found::<M>(doing)),
            _ => Ok(()),
        }
    }
}

pub(super) fn not_found<M: Model>(doing: Doing) -> Error {
    let fault = Fault::new(FaultKind::NotFound, M::TABLE.model, None, "has no such row");
    Error::of(format!("could not {doing} {}", M::TABLE.model), fault)
}

/// What tells whether a row is still as it was seen.
struct Version<'a> {
    column: &'static str,
    value: &'a dyn DbValue,
}

fn version_of<M: Model>(row: &M) -> Option<Version<'_>> {
    let column = M::TABLE.version()?.name;
    let mut columns = M::TABLE.columns.iter().zip(row.values());
    let (_, value) = columns.find(|(field, _)| field.name == column)?;
    Some(Version { column, value })
}

fn stale<M: Model>(seen: &Version<'_>) -> Error {
    let fault = Fault::new(
        FaultKind::Stale,
        M::TABLE.model,
        Some(seen.column),
        "is not what it was: someone else changed the row",
    );
    Error::of("the row was changed meanwhile", fault)
        .with_hint("read the row again, and decide again")
}

/// The parameters of a statement that marks the row of a key: the key, and the actor where he is stamped.
fn marking<'a, M: Model>(id: &'a M::Id, actor: &'a Actor, stamps: bool) -> Vec<Value<'a>> {
    let mut values = M::key_values(id);
    if stamps && M::TABLE.stamps_actor() {
        values.push(actor.value());
    }
    values
}
