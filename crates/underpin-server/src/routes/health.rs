//! `/health`: what works and what does not, for people and monitors.

use crate::app::App;
use crate::health::{HEALTH_JSON, Report};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What works and what does not.
///
/// In the format of draft-inadarei-api-health-check. The pool's numbers are in the details of `postgres:connections`.
/// Asks the database at most once a second, and answers within four seconds when the database hangs.
#[utoipa::path(
    get, path = "/health", tag = "operations",
    responses(
        (status = 200, description = "`pass` or `warn`", body = Report, content_type = "application/health+json"),
        (status = 503, description = "`fail`", body = Report, content_type = "application/health+json"),
    )
)]
pub(crate) async fn health(State(app): State<App>) -> Response {
    let snapshot = app.health().current().await;
    let report = Report::new(&snapshot, Some(app.started().elapsed()))
        .with_restarts(app.restarts(), &snapshot);
    let status = if report.is_healthy() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let mut response = (status, Json(report)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(HEALTH_JSON));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
