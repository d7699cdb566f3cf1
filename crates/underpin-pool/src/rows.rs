//! What becomes of the rows of a result while they come in.

use crate::from_row::Plan;
use crate::row::Row;
use crate::wire::{Bodies, Columns};
use crate::{Error, FromRow};
use bytes::Bytes;
use std::marker::PhantomData;
use std::sync::Arc;

/// Takes the rows of one result, block by block.
pub(crate) trait Sink: Default + Send {
    /// What all of it makes.
    type Output: Send;

    /// A block of DataRow messages.
    fn rows(&mut self, columns: &Arc<Columns>, block: Bytes);

    /// The statement is complete and has affected so many rows.
    fn finish(self, affected: u64) -> Result<Self::Output, Error>;
}

/// Counts the rows that a statement affected; those it returns are passed over.
#[derive(Default)]
pub(crate) struct Count;

impl Sink for Count {
    type Output = u64;

    fn rows(&mut self, _: &Arc<Columns>, _: Bytes) {}

    fn finish(self, affected: u64) -> Result<u64, Error> {
        Ok(affected)
    }
}

/// Keeps rows as they are.
#[derive(Default)]
pub(crate) struct Collect(Vec<Row>);

impl Sink for Collect {
    type Output = Vec<Row>;

    fn rows(&mut self, columns: &Arc<Columns>, block: Bytes) {
        let bodies = Bodies(&block).map(|body| block.slice_ref(body));
        self.0
            .extend(bodies.map(|body| Row::new(columns.clone(), body)));
    }

    fn finish(self, _: u64) -> Result<Vec<Row>, Error> {
        Ok(self.0)
    }
}

/// Reads rows into structs. The first that cannot be read makes it fail, once the statement is complete.
pub(crate) struct Structs<T> {
    plan: Option<Plan>,
    read: Result<Vec<T>, Error>,
    of: PhantomData<T>,
}

impl<T> Default for Structs<T> {
    fn default() -> Self {
        Self {
            plan: None,
            read: Ok(Vec::new()),
            of: PhantomData,
        }
    }
}

impl<T: FromRow + Send> Structs<T> {
    fn read(&mut self, columns: &Arc<Columns>, block: &[u8]) -> Result<(), Error> {
        let Ok(read) = &mut self.read else {
            return Ok(());
        };
        let plan = match &mut self.plan {
            Some(plan) => plan,
            none => none.insert(Plan::new::<T>(columns)?),
        };
        for body in Bodies(block) {
            read.push(plan.read(columns, body)?);
        }
        Ok(())
    }
}

impl<T: FromRow + Send> Sink for Structs<T> {
    type Output = Vec<T>;

    fn rows(&mut self, columns: &Arc<Columns>, block: Bytes) {
        if let Err(error) = self.read(columns, &block) {
            self.read = Err(error);
        }
    }

    fn finish(self, _: u64) -> Result<Vec<T>, Error> {
        self.read
    }
}
