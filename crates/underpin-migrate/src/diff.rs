//! What turns one schema into another, proven on a scratch database before it is told.
//!
//! Both sides are written into databases of their own and read from the catalog, so that PostgreSQL itself decides what is
//! the same. The way is then gone there and back: only when both ends are exactly reached is it returned.

mod access;
mod allow;
mod annotation;
mod cast;
mod explain;
mod file;
mod guard;
mod guess;
mod hazard;
mod live;
mod materialise;
mod merge;
mod piece;
mod proof;
mod rename;
mod route;
mod safe;
mod scratch;
mod source;
mod text;
mod unsaid;

pub use allow::{Allowed, Permission};
pub(crate) use guard::Guard;
pub use hazard::Hazard;
pub use route::{Route, Step};
pub use scratch::{Scratch, ScratchServer};
pub use source::{Source, SqlFile};

use crate::Error;
pub(crate) use explain::differing;
pub use materialise::read;
use materialise::{Materialised, materialise};
pub(crate) use materialise::{absent_role, missing_role};
use proof::Purpose;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use underpin_pool::Options;
use underpin_schema::{Catalog, QualifiedName};

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
        _ => Ok(Arc::unwrap_or_clone(
            materialise(scratch, source).await?.catalog,
        )),
    }
}

/// A new database with what a source makes.
pub(crate) async fn made(scratch: &Scratch, source: &Source) -> Result<Options, Error> {
    Ok(materialise(scratch, source).await?.options)
}

/// The way from one schema to another, and back.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Difference {
    /// Turns the first into the second.
    pub up: Route,
    /// Turns the second into the first again.
    pub down: Route,
    /// Options of either side that are neither compared nor copied: see [`Catalog::unknown_options`].
    pub unknown_options: BTreeSet<String>,
    /// Indexes of either side that a failed concurrent build left INVALID.
    pub invalid_indexes: BTreeSet<QualifiedName>,
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
/// On the way to models, what models have no word for stays as it is: functions, views, triggers, policies, privileges.
///
/// # Errors
/// [`Refused`](underpin_core::ErrorKind::Refused) when there is no way, when one side has an operator, an event trigger or the
/// like that the other has not, or when something looks like a rename that nobody declared; [`Unsupported`](underpin_core::ErrorKind::Unsupported) when the way ends elsewhere, which names the objects that
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
    let (found, _) = find(scratch, from, to, allowed).await?;
    Ok(found)
}

/// As [`difference`], in pieces for a file each: all statements of a file can share a transaction, or it holds but one.
///
/// Each piece leads back to where the one before it ended. What is not allowed is refused.
///
/// # Errors
/// Those of [`difference`] and of [`Route::check`].
///
/// # Cancel safety
/// That of [`difference`].
pub async fn pieces(
    scratch: &Scratch,
    from: &Source,
    to: &Source,
    allowed: &Allowed,
) -> Result<Vec<Difference>, Error> {
    let (found, at) = find(scratch, from, to, allowed).await?;
    found.up.check(allowed)?;
    piece::cut(found, at).await
}

/// The way, and the scratch database in which it was gone there and back.
async fn find(
    scratch: &Scratch,
    from: &Source,
    to: &Source,
    allowed: &Allowed,
) -> Result<(Difference, Materialised), Error> {
    // Both at once: most of the time goes into making tables, which the server does on a core each.
    let (at, goal) = (materialise(scratch, from), materialise(scratch, to));
    let (at, goal) = tokio::join!(Box::pin(at), Box::pin(goal));
    let (mut at, mut goal) = (at?, goal?);
    let start = Arc::clone(&at.catalog);
    unsaid::keep(to, &mut goal, &start).await?;
    let goal = goal.catalog;
    let unknown_options = &start.unknown_options | &goal.unknown_options;
    let invalid_indexes = &start.invalid_indexes | &goal.invalid_indexes;
    if start.agrees_with(&goal) {
        let equal = Difference {
            unknown_options,
            invalid_indexes,
            ..Difference::default()
        };
        return Ok((equal, at));
    }
    explain::refuse_unmodelled(&start, &goal)?;
    explain::refuse_inheriting(&start.schema, &goal.schema)?;
    explain::refuse_inheriting(&goal.schema, &start.schema)
        .map_err(|cause| Error::caused_by("there is no way back", cause))?;
    let renames = rename::declared(to, &start, &goal)?;
    let purpose = match allowed.all || allowed.undeclared_renames {
        true => Purpose::Steps,
        false => Purpose::Ask,
    };
    let mut up = proof::travel(&mut at, renames, &goal, purpose).await?;
    at.arrived_at(&goal);
    if let Source::Database(options) = from {
        live::check(options, &up, &start).await?;
        live::count(options, &mut up, &start).await?;
    }
    let taken_back = rename::taken_back(&up, &at.catalog);
    let down = proof::travel(&mut at, taken_back, &start, Purpose::Steps).await;
    let down = down.map_err(|cause| Error::caused_by("the way back does not lead back", cause))?;
    let found = Difference {
        up,
        down,
        unknown_options,
        invalid_indexes,
    };
    Ok((found, at))
}
