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
use std::sync::Arc;
use underpin_core::ErrorKind;
use underpin_pool::Session;
use underpin_schema::{
    Catalog, Change, ChangeKind, Owners, Rename, implied_renames, plan, wanted_owners,
};

/// So many statements are sent at once: a transaction holds a lock for each table that it makes.
const AT_ONCE: usize = 100;

const CANNOT_COERCE: &str = "42846";
const DATATYPE_MISMATCH: &str = "42804";
const DEPENDENT_OBJECTS_STILL_EXIST: &str = "2BP01";
const INSUFFICIENT_PRIVILEGE: &str = "42501";
const DUPLICATE_OBJECT: &str = "42710";
const DUPLICATE_TABLE: &str = "42P07";

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
    let mut session = at.session().await?;
    let (mut steps, planned, owners) = find(&mut session, at, declared, goal, purpose).await?;
    go(&session, &planned).await?;
    steps.extend(planned);
    at.read_again(&mut session).await?;
    arrived(at, goal, &owners)?;
    Ok(Route { steps })
}

/// The same with a look at the database before each piece of the way, as `split` cuts it.
pub(super) async fn travel_in_pieces(
    at: &mut Materialised,
    declared: Vec<Rename>,
    goal: &Catalog,
    purpose: Purpose,
    split: fn(Vec<Step>) -> Vec<Route>,
) -> Result<(Route, Vec<Arc<Catalog>>), Error> {
    let mut starts = vec![Arc::clone(&at.catalog)];
    let mut session = at.session().await?;
    let (renames, planned, owners) = find(&mut session, at, declared, goal, purpose).await?;
    let steps = [renames.clone(), planned].concat();
    let mut done = renames.iter().peekable();
    let routes = split(steps.clone());
    for (place, route) in routes.iter().enumerate() {
        let is_open = |step: &&Step| done.next_if(|it| it.sql == step.sql).is_none();
        let open: Vec<Step> = route.steps.iter().filter(is_open).cloned().collect();
        go(&session, &open).await?;
        at.read_again(&mut session).await?;
        if place + 1 < routes.len() {
            starts.push(Arc::clone(&at.catalog));
        }
    }
    arrived(at, goal, &owners)?;
    Ok((Route { steps }, starts))
}

/// The renames, which are done, and the steps behind them, which are not; and the owners that there have to be.
async fn find(
    session: &mut Session,
    at: &mut Materialised,
    declared: Vec<Rename>,
    goal: &Catalog,
    purpose: Purpose,
) -> Result<(Vec<Step>, Vec<Step>, Owners), Error> {
    let mut steps = rename(session, at, declared, Role::Declared).await?;
    let implied = implied_renames(&at.catalog, goal);
    steps.extend(rename(session, at, implied, |_| Role::Usual).await?);
    let plan = plan(&at.catalog, goal);
    let owners = wanted_owners(&at.catalog, goal);
    let changes = &plan.changes;
    if purpose == Purpose::Ask {
        guess::check(changes, &at.catalog, goal)?;
    }
    let volatile = volatile(session, changes).await?;
    let steps_in = |form| {
        let steps = safe::steps(&plan, (&at.catalog, goal), form, &volatile);
        merge(steps)
    };
    let mut planned = steps_in(Form::Beside);
    let is_mixed = steps.len() + planned.len() > 1 && planned.iter().any(|step| step.alone);
    if purpose == Purpose::OneFile && is_mixed {
        planned = steps_in(Form::Together);
    }
    Ok((steps, planned, owners))
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
    session: &mut Session,
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
        at.read_again(session).await?;
    }
    Ok(steps)
}

/// Runs steps where nobody is disturbed: those that can share a transaction at once, and one by one when that fails.
pub(super) async fn go(session: &Session, steps: &[Step]) -> Result<(), Error> {
    let neighbours = steps.chunk_by(|one, other| !one.alone && !other.alone);
    for steps in neighbours.flat_map(|neighbours| neighbours.chunks(AT_ONCE)) {
        let whole: String = steps.iter().map(|it| format!("{};\n", it.sql)).collect();
        if steps.len() > 1 && session.batch(&whole).await.is_ok() {
            continue;
        }
        for step in steps {
            let ran = session.batch(&step.sql).await;
            ran.map_err(|cause| refused(step, cause))?;
        }
    }
    Ok(())
}

fn refused(step: &Step, cause: underpin_pool::Error) -> Error {
    let what = format!(
        "there is no way for {} that PostgreSQL takes: {}",
        step.object, step.sql
    );
    let hint = by_hand(&cause);
    Error::new(ErrorKind::Refused, what)
        .with_source(cause)
        .with_hint(hint)
}

/// What to do about a statement that PostgreSQL refuses, by its reason.
fn by_hand(cause: &underpin_pool::Error) -> String {
    let how = match cause.code() {
        Some(CANNOT_COERCE | DATATYPE_MISMATCH) => {
            ": a new column that is filled from the old one and takes its place"
        }
        Some(DEPENDENT_OBJECTS_STILL_EXIST) => {
            ": drop what depends on it first and make it again afterwards"
        }
        Some(INSUFFICIENT_PRIVILEGE) => {
            ", or name a scratch server with --scratch on which the role may do this"
        }
        Some(DUPLICATE_OBJECT | DUPLICATE_TABLE) => {
            ": give what is there another name first, which is free"
        }
        _ => "; what PostgreSQL says stands above",
    };
    format!("write this change by hand with `underpin migrate new NAME --empty`{how}")
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
