//! What becomes of a request that panics, takes too long or fails without a text: always a problem document.

use crate::problem::{PROBLEM_JSON, Problem};
use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::time::Duration;

/// Headers that say more about a bare error and survive its description.
const KEPT: [HeaderName; 4] = [
    header::ALLOW,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    header::CONTENT_RANGE,
];

/// A panic is ours: 500, with the message in the log only.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that CatchPanicLayer asks for"
)]
pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let message = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message");
    tracing::error!(message, "a request handler panicked");
    Problem::bare(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

/// Gives every request a deadline: 504 when it passes, and what the handler was doing is dropped.
///
/// 504 and not 408: to a registry's client a 4xx means "not in the registry".
pub(crate) async fn limit_time(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    if let Ok(response) = tokio::time::timeout(limit, next.run(request)).await {
        return response;
    }
    tracing::warn!(limit_ms = limit.as_millis(), "a request took too long");
    Problem::bare(StatusCode::GATEWAY_TIMEOUT).into_response()
}

/// Turns an error without a body of ours (405, 413, 404 of no route, a library's own text) into a problem document.
pub(crate) async fn describe(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_described(&response) {
        return response;
    }
    let mut described = Problem::bare(status).into_response();
    for name in KEPT {
        if let Some(value) = response.headers().get(&name) {
            described.headers_mut().insert(name, value.clone());
        }
    }
    described
}

/// Does the response already say what went wrong, in a format that its route documents?
fn is_described(response: &Response) -> bool {
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let own = [PROBLEM_JSON, crate::health::HEALTH_JSON];
    content_type.is_some_and(|value| own.contains(&value))
        || response.extensions().get::<Described>().is_some()
}

/// Marks an error response whose body is meant as it is: the plain text of the probes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Described;
