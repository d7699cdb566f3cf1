//! `/livez`: is the process alive? Never asks the database: a restart would not bring it back.

/// Is the process alive?
///
/// Asks nothing but the process itself, so that a database outage does not restart it.
#[utoipa::path(
    get, path = "/livez", tag = "operations",
    responses((status = 200, description = "It is", body = String, content_type = "text/plain", example = "ok"))
)]
pub(crate) async fn livez() -> &'static str {
    "ok"
}
