//! What turns one schema into another, proven on a scratch database before it is told.
//!
//! Both sides are written into databases of their own and read from the catalog, so that PostgreSQL itself decides what is
//! the same. The way is then gone there and back: only when both ends are exactly reached is it returned.

mod access;
mod allow;
mod annotation;
mod aside;
mod beyond;
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
mod turns;
mod unsaid;

pub use allow::{Allowed, Permission};
pub use beyond::{NotCompared, Standing};
pub use cast::Harm;
pub(crate) use guard::Guard;
pub use hazard::Hazard;
pub use route::{Route, Step};
pub use scratch::{Scratch, ScratchServer};
pub use source::{Source, SqlFile};

use crate::Error;
use beyond::{Beyond, between};
pub(crate) use explain::differing;
pub use materialise::read;
use materialise::{Materialised, materialise, set_aside_on_both};
pub(crate) use materialise::{absent_role, missing_role};
use proof::Purpose;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use underpin_pool::Options;
use underpin_schema::{Catalog, QualifiedName, Rename};
use unsaid::is_of_models;

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
        _ => Ok(materialise(scratch, source).await?.into_whole()),
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
    /// What differs, or may differ, and is in no statement: see [`NotCompared`].
    pub not_compared: Vec<NotCompared>,
}

impl Difference {
    /// Is there no statement on either way? What no plan says may still differ, see [`is_equal`](Self::is_equal).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.up.steps.is_empty() && self.down.steps.is_empty()
    }

    /// Are both the same, as far as it is known?
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.is_empty() && !self.not_compared.iter().any(NotCompared::is_difference)
    }
}

/// What two catalogs have beyond their facts and what is not known to be the same, without a look at those.
pub(crate) fn not_compared(
    (from, from_source): (&Catalog, &Source),
    (to, to_source): (&Catalog, &Source),
) -> Vec<NotCompared> {
    let beyond = |catalog, source| Beyond::of_catalog(catalog, is_of_models(source));
    let there = beyond(to, to_source);
    between(&beyond(from, from_source), (&there, &to.schema))
}

/// Finds the way from one schema to another and back, and goes it on scratch databases.
///
/// On the way to models, what models have no word for stays as it is: functions, views, triggers, policies, privileges.
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
    let mut ends = Ends::of(scratch, from, to).await?;
    let known = ends.known();
    if ends.are_equal() {
        return Ok(known);
    }
    let renames = ends.renames(to)?;
    let Ends {
        at, start, goal, ..
    } = &mut ends;
    let mut up = proof::travel(at, renames, goal, asks(allowed)).await?;
    at.arrived_at(goal);
    look_at_rows(from, &mut up, start).await?;
    let taken_back = rename::taken_back(&up, &at.catalog);
    let down = proof::travel(at, taken_back, start, Purpose::Steps).await;
    Ok(Difference {
        up,
        down: down.map_err(no_way_back)?,
        ..known
    })
}

/// As [`difference`], in pieces for a file each: all statements of a file can share a transaction, or it holds but one.
///
/// Each piece leads back to where the one before it ended. What is not allowed is refused.
///
/// # Errors
/// Those of [`difference`] and of [`Route::check`]; [`Refused`](underpin_core::ErrorKind::Refused) too when something differs
/// that no plan makes or drops, such as an event trigger.
///
/// # Cancel safety
/// That of [`difference`].
pub async fn pieces(
    scratch: &Scratch,
    from: &Source,
    to: &Source,
    allowed: &Allowed,
) -> Result<Vec<Difference>, Error> {
    let mut ends = Ends::of(scratch, from, to).await?;
    beyond::refuse(&ends.not_compared)?;
    if ends.are_equal() {
        return Ok(Vec::new());
    }
    let known = ends.known();
    let renames = ends.renames(to)?;
    let Ends {
        at, start, goal, ..
    } = &mut ends;
    let gone = proof::travel_in_pieces(at, renames, goal, asks(allowed), piece::split);
    let (mut up, starts) = gone.await?;
    at.arrived_at(goal);
    look_at_rows(from, &mut up, start).await?;
    up.check(allowed)?;
    // Each piece is gone back by itself, which proves the whole way back.
    piece::cut(up, starts, at, &known).await
}

/// Both ends of a way that is to be found.
struct Ends {
    /// The scratch database in which it is gone, at the start of it.
    at: Materialised,
    start: Arc<Catalog>,
    goal: Arc<Catalog>,
    not_compared: Vec<NotCompared>,
}

impl Ends {
    async fn of(scratch: &Scratch, from: &Source, to: &Source) -> Result<Self, Error> {
        // Both at once: most of the time goes into making tables, which the server does on a core each.
        let (at, goal) = (materialise(scratch, from), materialise(scratch, to));
        let (at, goal) = tokio::join!(Box::pin(at), Box::pin(goal));
        let (mut at, mut goal) = (at?, goal?);
        let start = Arc::clone(&at.catalog);
        unsaid::keep(to, &mut goal, &start).await?;
        set_aside_on_both(&mut at, &mut goal);
        at.keep_what_is_needed(&goal.catalog.schema);
        let not_compared = between(&at.beyond, (&goal.beyond, &goal.catalog.schema));
        Ok(Self {
            start: Arc::clone(&at.catalog),
            at,
            goal: goal.catalog,
            not_compared,
        })
    }

    fn are_equal(&self) -> bool {
        self.start.agrees_with(&self.goal)
    }

    /// What is said of any way between them.
    fn known(&self) -> Difference {
        Difference {
            unknown_options: &self.start.unknown_options | &self.goal.unknown_options,
            invalid_indexes: &self.start.invalid_indexes | &self.goal.invalid_indexes,
            not_compared: self.not_compared.clone(),
            ..Difference::default()
        }
    }

    /// The renames that were declared, when nothing else is refused at once.
    fn renames(&self, to: &Source) -> Result<Vec<Rename>, Error> {
        let (start, goal) = (&self.start, &self.goal);
        explain::refuse_inheriting(&start.schema, &goal.schema)?;
        explain::refuse_inheriting(&goal.schema, &start.schema)
            .map_err(|cause| Error::caused_by("there is no way back", cause))?;
        rename::declared(to, start, goal)
    }
}

fn asks(allowed: &Allowed) -> Purpose {
    match allowed.all || allowed.undeclared_renames {
        true => Purpose::Steps,
        false => Purpose::Ask,
    }
}

/// Looks in a live database for rows that a way would fail on, and counts those that it would lose.
async fn look_at_rows(from: &Source, up: &mut Route, start: &Catalog) -> Result<(), Error> {
    if let Source::Database(options) = from {
        live::check(options, up, start).await?;
        live::count(options, up, start).await?;
    }
    Ok(())
}

fn no_way_back(cause: Error) -> Error {
    Error::caused_by("the way back does not lead back", cause)
}
