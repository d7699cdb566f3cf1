//! Rows of a live database: those that a plan would fail on, and those that it would lose.

use super::hazard::Countable;
use super::route::{Demand, Route};
use crate::Error;
use crate::loss::misfits;
use underpin_core::ErrorKind;
use underpin_pool::{Options, Session};
use underpin_schema::{Catalog, QualifiedName, quote_identifier};

const COUNT_TIMEOUT: &str = "SET statement_timeout = '10s'";

/// Looks for rows that make a step fail.
pub(super) async fn check(options: &Options, route: &Route, live: &Catalog) -> Result<(), Error> {
    let session = Session::connect(options).await.map_err(unreadable)?;
    for step in &route.steps {
        let (table, condition, message, hint) = match &step.demand {
            Some(Demand::NoRows(table, column)) => (
                table,
                "true".to_owned(),
                format!("{table} has rows, and {column} refuses NULL without a default"),
                "give the column a default; or add it without NOT NULL, fill it, and set NOT NULL in the next migration",
            ),
            Some(Demand::NoNull(table, column)) => (
                table,
                format!("{} IS NULL", quote_identifier(column)),
                format!("{table} has rows in which {column} is NULL"),
                "fill them first: UPDATE … SET … WHERE … IS NULL, in batches when there are many",
            ),
            None => continue,
        };
        let column = match &step.demand {
            Some(Demand::NoNull(_, column)) => Some(column.as_str()),
            _ => None,
        };
        if is_there(live, table, column) && exists(&session, table, &condition).await? {
            return Err(Error::new(ErrorKind::Refused, message).with_hint(hint));
        }
    }
    Ok(())
}

/// Puts numbers to what a way would lose. What takes longer than a moment to count stays uncounted.
pub(super) async fn count(
    options: &Options,
    route: &mut Route,
    live: &Catalog,
) -> Result<(), Error> {
    let hazards = route
        .steps
        .iter_mut()
        .filter_map(|step| step.hazard.as_mut());
    let mut session = None;
    for hazard in hazards {
        let Some(countable) = &hazard.countable else {
            continue;
        };
        if !is_there(live, countable.table(), countable.column()) {
            continue;
        }
        let session = match &mut session {
            Some(session) => session,
            None => {
                let opened = Session::connect(options).await.map_err(unreadable)?;
                opened.batch(COUNT_TIMEOUT).await.map_err(unreadable)?;
                session.insert(opened)
            }
        };
        match counted(session, countable).await {
            Ok(count) => hazard.loses = countable.loses(count),
            Err(error) if error.kind() == ErrorKind::Cancelled => continue,
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(())
}

/// How many there are; none where nobody can tell, such as for a type that is not there yet.
async fn counted(
    session: &mut Session,
    countable: &Countable,
) -> Result<Option<i64>, underpin_pool::Error> {
    if let Some(sql) = countable.sql() {
        return Ok(Some(session.query_one(&sql, &[]).await?.get(0)?));
    }
    let Countable::Misfits { part, to, using } = countable else {
        return Ok(None);
    };
    let tx = session.begin();
    let (table, column) = (part.of.to_string(), quote_identifier(&part.name));
    let count = misfits(&tx, &table, &column, to, using.as_deref()).await;
    tx.rollback().await?;
    Ok(count.ok().and_then(|it| i64::try_from(it).ok()))
}

/// What is only renamed into place has another name there.
fn is_there(live: &Catalog, table: &QualifiedName, column: Option<&str>) -> bool {
    let table = live.schema.tables.get(table);
    table.is_some_and(|table| column.is_none_or(|it| table.columns.get(it).is_some()))
}

async fn exists(session: &Session, table: &QualifiedName, condition: &str) -> Result<bool, Error> {
    let sql = format!("SELECT EXISTS (SELECT FROM {table} WHERE {condition})");
    let row = session.query_one(&sql, &[]).await.map_err(unreadable)?;
    row.get(0).map_err(unreadable)
}

fn unreadable(cause: underpin_pool::Error) -> Error {
    Error::caused_by("the rows of the database could not be looked at", cause)
}
