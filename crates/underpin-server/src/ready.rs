//! The database, for handlers: refused at once while it is known that it could not serve.

use crate::app::App;
use crate::problem::Problem;
use axum::http::StatusCode;
use underpin_pool::Database;

/// Gives the database, or 503 while migrations are missing or the last probe found nobody at home.
///
/// A query on tables that are not there yet would be a 500, and one on a database that hangs would hold its client for
/// the whole deadline. Costs nothing while the last probe was good; only doubt waits for a new one.
pub(crate) async fn database(app: &App) -> Result<&Database, Problem> {
    let snapshot = app.health().recent().await;
    if snapshot.pending.is_some_and(|pending| pending > 0) {
        return Err(Problem::unavailable(
            "the database's schema is not ready: migrations are missing or under way",
        ));
    }
    if snapshot.is_outage() {
        return Err(Problem::bare(StatusCode::SERVICE_UNAVAILABLE));
    }
    Ok(app.database())
}
