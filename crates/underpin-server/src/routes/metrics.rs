//! `/metrics`: for Prometheus.

use crate::app::App;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

/// The media type of Prometheus' text format.
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Requests by route, the pool, the build.
///
/// Never asks the database, so that it can be scraped during an outage.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "Prometheus text format", body = String,
               content_type = "text/plain; version=0.0.4; charset=utf-8"))
)]
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let held = app.ledger().held();
    let text = app.metrics().render(&app.database().status(), held);
    ([(header::CONTENT_TYPE, PROMETHEUS_TEXT)], text)
}
