//! Rows of a live database that a plan would fail on.

use super::route::{Demand, Route};
use crate::Error;
use underpin_core::ErrorKind;
use underpin_pool::{Options, Session};
use underpin_schema::{Catalog, QualifiedName, quote_identifier};

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
        if is_there(live, table) && exists(&session, table, &condition).await? {
            return Err(Error::new(ErrorKind::Refused, message).with_hint(hint));
        }
    }
    Ok(())
}

/// A table that is only renamed into place has another name there.
fn is_there(live: &Catalog, table: &QualifiedName) -> bool {
    live.schema.tables.contains(table)
}

async fn exists(session: &Session, table: &QualifiedName, condition: &str) -> Result<bool, Error> {
    let sql = format!("SELECT EXISTS (SELECT FROM {table} WHERE {condition})");
    let row = session.query_one(&sql, &[]).await.map_err(unreadable)?;
    row.get(0).map_err(unreadable)
}

fn unreadable(cause: underpin_pool::Error) -> Error {
    Error::caused_by("the rows of the database could not be looked at", cause)
}
