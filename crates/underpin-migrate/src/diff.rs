//! What turns one schema into another, proven on a scratch database before it is told.
//!
//! Both sides are written into databases of their own and read from the catalog, so that PostgreSQL itself decides what is
//! the same. The way is then gone there and back: only when both ends are exactly reached is it returned.

mod allow;
mod annotation;
mod explain;
mod guess;
mod hazard;
mod live;
mod materialise;
mod merge;
mod proof;
mod rename;
mod route;
mod safe;
mod scratch;
mod source;
mod text;

pub use allow::{Allowed, Permission};
pub use hazard::Hazard;
pub use route::{Route, Step};
pub use scratch::Scratch;
pub use source::{Source, SqlFile};

use crate::Error;
use materialise::materialise;
pub use materialise::read;
use serde::Serialize;
use underpin_schema::Catalog;

/// What a source makes, as the catalog has it. A live database is only read.
///
/// # Errors
/// What the server says about the source.
///
/// # Cancel safety
/// As [`difference`].
pub async fn catalog(scratch: &Scratch, source: &Source) -> Result<Catalog, Error> {
    match source {
        Source::Database(options) => read(options).await,
        _ => Ok(materialise(scratch, source).await?.catalog),
    }
}

/// The way from one schema to another, and back.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// Turns the first into the second.
    pub up: Route,
    /// Turns the second into the first again.
    pub down: Route,
}

impl Difference {
    /// Are both the same?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.up.steps.is_empty() && self.down.steps.is_empty()
    }
}

/// Finds the way from one schema to another and back, and goes it on scratch databases.
///
/// # Errors
/// [`Refused`](underpin_core::ErrorKind::Refused) when there is no way, or when something looks like a rename that nobody
/// declared; [`Unsupported`](underpin_core::ErrorKind::Unsupported) when the way ends elsewhere, which names the objects that
/// differ; else what reading the sources says.
///
/// # Cancel safety
/// A dropped future leaves scratch databases behind; the next use of the server as [`Scratch`] removes them after an hour.
pub async fn difference(
    scratch: &Scratch,
    from: &Source,
    to: &Source,
    allowed: &Allowed,
) -> Result<Difference, Error> {
    let start = materialise(scratch, from).await?;
    let goal = materialise(scratch, to).await?;
    if start.catalog.schema == goal.catalog.schema {
        let nothing = Route { steps: Vec::new() };
        return Ok(Difference {
            up: nothing.clone(),
            down: nothing,
        });
    }
    let renames = rename::declared(to, &start.catalog, &goal.catalog)?;
    let taken_back: Vec<_> = renames.iter().rev().map(|it| it.inverse()).collect();
    let look_out = !allowed.all && !allowed.undeclared_renames;
    let up = proof::travel(&start.options, renames, &goal.catalog, look_out).await?;
    if let Source::Database(options) = from {
        live::check(options, &up, &start.catalog, &goal.catalog).await?;
    }
    let down = proof::travel(&start.options, taken_back, &start.catalog, false);
    let down = down
        .await
        .map_err(|cause| Error::caused_by("the way back does not lead back", cause))?;
    Ok(Difference { up, down })
}
