//! `/openapi.json`: this API, described.

use axum::http::header;
use axum::response::IntoResponse;

/// The OpenAPI document of every route.
#[utoipa::path(
    get, path = "/openapi.json", tag = "pages",
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json"))
)]
pub(crate) async fn openapi() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        crate::openapi::openapi(),
    )
}
