//! An answer that does not fit into memory beside those that clients have not taken yet.

use crate::connection::{Account, known_size};
use crate::problem::Problem;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// An answer up to this size always has room: probes and metrics are answered when memory is short, too.
const SMALL: usize = 32 * 1024;

/// Answers 503 when clients that have only just begun to take their answers hold all the memory that answers may have.
pub(crate) async fn refuse_beyond_memory(request: Request, next: Next) -> Response {
    let account = request.extensions().get::<Account>().cloned();
    let response = next.run(request).await;
    let bytes = known_size(response.body());
    if bytes <= SMALL || account.is_none_or(|account| account.reserve(bytes)) {
        return response;
    }
    tracing::warn!("no room for another answer: clients do not take theirs");
    Problem::unavailable("too many answers are on their way to clients: try again shortly")
        .into_response()
}
