//! Finding a way and going it.

use super::explain::differing;
use super::guess;
use super::materialise::read;
use super::merge::merge;
use super::route::{Route, Step};
use super::safe;
use crate::Error;
use underpin_core::ErrorKind;
use underpin_pool::{Options, Session};
use underpin_schema::{Catalog, Rename, diff, implied_renames};

/// Brings a scratch database to another schema, and tells how.
pub(super) async fn travel(
    options: &Options,
    declared: Vec<Rename>,
    goal: &Catalog,
    look_out_for_renames: bool,
) -> Result<Route, Error> {
    let session = Session::connect(options)
        .await
        .map_err(super::scratch::failed)?;
    let mut steps = rename(&session, declared).await?;
    let mut start = read(options).await?;
    let implied = implied_renames(&start, goal);
    if !implied.is_empty() {
        steps.extend(rename(&session, implied).await?);
        start = read(options).await?;
    }
    let changes = diff(&start, goal);
    if look_out_for_renames {
        guess::check(&changes, &start, goal)?;
    }
    let planned = merge(safe::steps(changes, &start, goal));
    for step in &planned {
        go(&session, step).await?;
    }
    steps.extend(planned);
    arrive(options, goal).await?;
    Ok(Route { steps })
}

async fn rename(session: &Session, renames: Vec<Rename>) -> Result<Vec<Step>, Error> {
    let mut steps = Vec::new();
    for rename in renames {
        let step = Step::new(rename.object(), rename.sql());
        go(session, &step).await?;
        steps.push(step);
    }
    Ok(steps)
}

async fn go(session: &Session, step: &Step) -> Result<(), Error> {
    session.batch(&step.sql).await.map_err(|cause| {
        let what = format!("there is no way for {} that PostgreSQL takes: {}", step.object, step.sql);
        Error::new(ErrorKind::Refused, what).with_source(cause).with_hint(
            "write this change by hand with `underpin migrate new NAME --empty`: for a type without a cast, a new column that is \
             filled and takes the place of the old one",
        )
    })
}

/// Is the database what it was to become?
async fn arrive(options: &Options, goal: &Catalog) -> Result<(), Error> {
    let end = read(options).await?;
    let Some(difference) = differing(goal, &end) else {
        if diff(&end, goal).is_empty() {
            return Ok(());
        }
        return Err(Error::new(
            ErrorKind::Internal,
            "equal schemas are said to differ",
        ));
    };
    let message = format!("the plan does not lead to the target; {difference}");
    Err(Error::new(ErrorKind::Unsupported, message).with_hint(
        "write this change by hand with `underpin migrate new NAME --empty`, and please report it",
    ))
}
