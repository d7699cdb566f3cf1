//! `/api/v1/registry/statistics`: the registry in numbers.

use crate::app::App;
use crate::problem::{Problem, ProblemBody};
use crate::ready;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use underpin_stores::registry;

/// The registry in numbers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Statistics {
    /// Servers with a version that is not deleted.
    servers: u64,
}

/// The registry in numbers.
#[utoipa::path(
    get, path = "/api/v1/registry/statistics", tag = "registry", operation_id = "getRegistryStatistics",
    responses(
        (status = 200, description = "The numbers", body = Statistics),
        (status = 503, description = "The database is not available", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn statistics(State(app): State<App>) -> Result<Json<Statistics>, Problem> {
    let servers = registry::count(ready::database(&app).await?).await?;
    Ok(Json(Statistics { servers }))
}
