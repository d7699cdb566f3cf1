//! Finding a way and going it.

use super::explain::{differing_facts, differing_owners};
use super::guess;
use super::materialise::Materialised;
use super::merge::merge;
use super::route::{Role, Route, Step};
use super::safe::{self, Form};
use super::scratch::failed;
use crate::Error;
use std::collections::BTreeSet;
use underpin_core::ErrorKind;
use underpin_pool::Session;
use underpin_schema::{
    Catalog, Change, ChangeKind, Owners, Rename, diff, implied_renames, wanted_owners,
};

/// What a way is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be gone statement by statement; what looks like a rename that nobody declared is asked about.
    Ask,
    /// To be gone statement by statement.
    Steps,
    /// To be one file: one statement that runs alone, or statements that can share a transaction.
    OneFile,
}

/// Brings a scratch database to another schema, and tells how.
pub(super) async fn travel(
    at: &mut Materialised,
    declared: Vec<Rename>,
    goal: &Catalog,
    purpose: Purpose,
) -> Result<Route, Error> {
    let session = at.session().await?;
    let mut steps = rename(&session, at, declared, Role::Declared).await?;
    let implied = implied_renames(&at.catalog, goal);
    steps.extend(rename(&session, at, implied, |_| Role::Usual).await?);
    let changes = diff(&at.catalog, goal);
    let owners = wanted_owners(&at.catalog, goal);
    if purpose == Purpose::Ask {
        guess::check(&changes, &at.catalog, goal)?;
    }
    let volatile = volatile(&session, &changes).await?;
    let plan = |form| {
        let steps = safe::steps(&changes, (&at.catalog, goal), form, &volatile);
        merge(steps)
    };
    let mut planned = plan(Form::Beside);
    let is_mixed = steps.len() + planned.len() > 1 && planned.iter().any(|step| step.alone);
    if purpose == Purpose::OneFile && is_mixed {
        planned = plan(Form::Together);
    }
    go(&session, &planned).await?;
    steps.extend(planned);
    at.read_again().await?;
    arrived(at, goal, &owners)?;
    Ok(Route { steps })
}

/// The functions that give another value each time, when a change needs to know.
async fn volatile(session: &Session, changes: &[Change]) -> Result<BTreeSet<String>, Error> {
    let calls = |change: &Change| match &change.kind {
        ChangeKind::AddColumn(_, it) => it.default.as_ref().is_some_and(|it| it.contains('(')),
        _ => false,
    };
    if !changes.iter().any(calls) {
        return Ok(BTreeSet::new());
    }
    let sql = "SELECT DISTINCT proname::text FROM pg_proc WHERE provolatile = 'v'";
    let rows = session.query(sql, &[]).await.map_err(failed)?;
    let names = rows.iter().map(|row| row.get(0));
    names.collect::<Result<_, _>>().map_err(failed)
}

async fn rename(
    session: &Session,
    at: &mut Materialised,
    renames: Vec<Rename>,
    role: impl Fn(Rename) -> Role,
) -> Result<Vec<Step>, Error> {
    let step = |rename: Rename| {
        let step = Step::new(rename.object(), rename.sql());
        Step {
            role: role(rename),
            ..step
        }
    };
    let steps: Vec<Step> = renames.into_iter().map(step).collect();
    if !steps.is_empty() {
        go(session, &steps).await?;
        at.read_again().await?;
    }
    Ok(steps)
}

/// Runs steps where nobody is disturbed.
pub(super) async fn go(session: &Session, steps: &[Step]) -> Result<(), Error> {
    for step in steps {
        session.batch(&step.sql).await.map_err(|cause| {
            let what = format!(
                "there is no way for {} that PostgreSQL takes: {}",
                step.object, step.sql
            );
            Error::new(ErrorKind::Refused, what).with_source(cause).with_hint(
                "write this change by hand with `underpin migrate new NAME --empty`: for a type without a cast, a new column \
                 that is filled and takes the place of the old one",
            )
        })?;
    }
    Ok(())
}

/// Is the database what it was to become? Then nothing is left to be done: `diff` finds no change between equal facts, as
/// its tests hold.
fn arrived(end: &Materialised, goal: &Catalog, owners: &Owners) -> Result<(), Error> {
    let difference = differing_facts(goal, &end.catalog);
    let Some(difference) = difference.or_else(|| differing_owners(owners, &end.owners)) else {
        return Ok(());
    };
    let message = format!("the plan does not lead to the target; {difference}");
    Err(Error::new(ErrorKind::Unsupported, message).with_hint(
        "write this change by hand with `underpin migrate new NAME --empty`, and please report it",
    ))
}
