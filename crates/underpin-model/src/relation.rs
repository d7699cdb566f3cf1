//! Relations: a column that holds the id of another model's row.
//!
//! Related rows are read for many rows at once, by one statement. There is no way to ask one row for its related rows, so
//! that a loop cannot send a statement for each of its rows.

use crate::filter::{Exists, Node};
use crate::{Column, ColumnType, Error, Filter, Find, Id, Model, Place, Repository};
use std::collections::HashMap;

/// The type of a column that refers to rows of `Parent`: `Id<Parent>`, or an `Option` of it.
#[diagnostic::on_unimplemented(
    message = "a column of `{Self}` refers to no model",
    note = "a reference is an `Id<Parent>` or an `Option<Id<Parent>>`, where `Parent` is a model with such an id"
)]
pub trait ForeignId: ColumnType {
    /// The model it refers to.
    type Parent: Model<Id = Id<Self::Parent>>;

    /// The id, unless it is NULL.
    fn id(&self) -> Option<Id<Self::Parent>>;
}

impl<P: Model<Id = Self>> ForeignId for Id<P> {
    type Parent = P;

    fn id(&self) -> Option<Self> {
        Some(*self)
    }
}

impl<P: Model<Id = Id<P>>> ForeignId for Option<Id<P>> {
    type Parent = P;

    fn id(&self) -> Self {
        *self
    }
}

impl<M: Model, R> Column<M, R> {
    /// Rows whose parent fulfils a condition and is not deleted: `Note::OWNER_ID.has_parent(User::NAME.eq("ada"))`.
    #[must_use]
    pub fn has_parent(self, filter: Filter<R::Parent>) -> Filter<M>
    where
        R: ForeignId,
    {
        Filter::new(Node::Exists(Box::new(Exists {
            table: R::Parent::TABLE,
            column: key_column::<R::Parent>(),
            outer_column: self.name(),
            filter: filter.into_node(),
        })))
    }

    /// Parents of at least one row that fulfils a condition and is not deleted:
    /// `Note::OWNER_ID.has_child(Note::TAGS.contains(["a"]))` is a condition on users.
    #[must_use]
    pub fn has_child(self, filter: Filter<M>) -> Filter<R::Parent>
    where
        R: ForeignId,
    {
        Filter::new(Node::Exists(Box::new(Exists {
            table: M::TABLE,
            column: self.name(),
            outer_column: key_column::<R::Parent>(),
            filter: filter.into_node(),
        })))
    }
}

impl<M: Model, P: Place> Find<'_, M, P> {
    /// Of the rows of this list, those that refer to one of `parents`, by the parent's id; one statement.
    ///
    /// Every parent is in the map, with an empty list when nothing refers to it. The order holds within each list.
    ///
    /// # Errors
    /// As [`all`](Find::all): there may be [`ALL_ROWS_MAX`](crate::ALL_ROWS_MAX) rows in all lists together.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn load_related<R: ForeignId>(
        self,
        parents: &[R::Parent],
        column: Column<M, R>,
    ) -> Result<HashMap<Id<R::Parent>, Vec<M>>, Error> {
        let mut related: HashMap<_, Vec<M>> = parents
            .iter()
            .map(|parent| (parent.key(), Vec::new()))
            .collect();
        let ids: Vec<Id<R::Parent>> = related.keys().copied().collect();
        if ids.is_empty() {
            return Ok(related);
        }
        for row in self.filter(refers_to(column, ids)).all().await? {
            let id = column.get(&row).id();
            if let Some(list) = id.and_then(|id| related.get_mut(&id)) {
                list.push(row);
            }
        }
        Ok(related)
    }

    /// Of the rows of this list, those that `children` refer to, by their id; one statement.
    ///
    /// # Errors
    /// As [`all`](Find::all).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn load_parents<C: Model, R: ForeignId<Parent = M>>(
        self,
        children: &[C],
        column: Column<C, R>,
    ) -> Result<HashMap<Id<M>, M>, Error>
    where
        M: Model<Id = Id<M>>,
    {
        let mut ids: Vec<Id<M>> = children
            .iter()
            .filter_map(|child| column.get(child).id())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let key = Column::<M, Id<M>>::new(key_column::<M>(), M::key);
        let rows = self.filter(key.is_in(ids)).all().await?;
        Ok(rows.into_iter().map(|row| (row.key(), row)).collect())
    }
}

impl<M: Model, P: Place> Repository<M, P> {
    /// The rows that refer to each of `parents`: [`Find::load_related`] of all rows that are not deleted.
    ///
    /// # Errors
    /// As [`Find::load_related`].
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn load_related<R: ForeignId>(
        &self,
        parents: &[R::Parent],
        column: Column<M, R>,
    ) -> Result<HashMap<Id<R::Parent>, Vec<M>>, Error> {
        self.find_all().load_related(parents, column).await
    }

    /// The rows that `children` refer to: [`Find::load_parents`] of all rows that are not deleted.
    ///
    /// # Errors
    /// As [`Find::load_parents`].
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn load_parents<C: Model, R: ForeignId<Parent = M>>(
        &self,
        children: &[C],
        column: Column<C, R>,
    ) -> Result<HashMap<Id<M>, M>, Error>
    where
        M: Model<Id = Id<M>>,
    {
        self.find_all().load_parents(children, column).await
    }
}

/// The reference is one of `ids`: the ids are bound as they are, the column's `Option` set aside.
fn refers_to<M: Model, R: ForeignId>(column: Column<M, R>, ids: Vec<Id<R::Parent>>) -> Filter<M> {
    column.test("{c} = ANY({v})", [std::sync::Arc::new(ids)])
}

/// The only column of the primary key, which is an `Id`.
fn key_column<P: Model<Id = Id<P>>>() -> &'static str {
    P::TABLE.key.first().copied().unwrap_or("id")
}
