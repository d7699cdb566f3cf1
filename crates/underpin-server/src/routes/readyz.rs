//! `/readyz`: should requests be sent here? Machines read the status, people add `?verbose`.

use crate::app::App;
use crate::extract::QueryOf;
use crate::health::Level;
use crate::layers::Described;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// How the answer is wanted, as the Kubernetes API server has it.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadyQuery {
    /// Lists every check, one a line: `[+]database ok`, `[-]migrations failed`.
    #[param(allow_reserved, example = "")]
    verbose: Option<String>,
    /// Leaves checks out, by name, separated by commas: `database`, `migrations`, `shutdown`.
    exclude: Option<String>,
}

/// Should requests be sent here?
///
/// Yes when the database answers, however busy the pool is, all migrations that this program knows are applied, deferred ones
/// left out, and it is not shutting down. At most two seconds old.
#[utoipa::path(
    get, path = "/readyz", tag = "operations", params(ReadyQuery),
    responses(
        (status = 200, description = "Yes", body = String, content_type = "text/plain", example = "ok"),
        (status = 503, description = "No", body = String, content_type = "text/plain"),
    )
)]
pub(crate) async fn readyz(
    State(app): State<App>,
    QueryOf(query): QueryOf<ReadyQuery>,
) -> Response {
    let snapshot = app.health().current().await;
    let checks = [
        ("database", snapshot.database.level != Level::Fail, None),
        (
            "migrations",
            snapshot.schema.level != Level::Fail,
            snapshot.schema.output.as_deref(),
        ),
        ("shutdown", !app.is_draining(), None),
    ];
    let excluded: Vec<&str> = query
        .exclude
        .iter()
        .flat_map(|names| names.split(','))
        .map(str::trim)
        .collect();
    let ready = checks
        .iter()
        .all(|(name, ok, _)| *ok || excluded.contains(name));
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let verdict = if ready { "ok" } else { "not ready" };
    // Kubernetes lists the checks when it says no, too: the list is what a person looks at next.
    if ready && query.verbose.is_none() {
        return (status, verdict).into_response();
    }
    let mut text = String::new();
    for (name, ok, said) in checks {
        let line = match (excluded.contains(&name), ok, said) {
            (true, ..) => format!("[+]{name} excluded: ok\n"),
            (false, true, None) => format!("[+]{name} ok\n"),
            (false, true, Some(said)) => format!("[+]{name} ok: {said}\n"),
            (false, false, _) => format!("[-]{name} failed\n"),
        };
        text.push_str(&line);
    }
    text.push_str(verdict);
    text.push('\n');
    (status, Extension(Described), text).into_response()
}
