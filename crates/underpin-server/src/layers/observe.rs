//! Request ids, one log line and two metrics a request.

use crate::app::App;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

/// The header that carries a request's id, in and out.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a client.
const ID_LENGTH_MAX: usize = 128;

/// Routes that machines ask every few seconds: logged at `debug`.
const PROBED: [&str; 4] = ["/livez", "/readyz", "/health", "/metrics"];

/// The id of the request: the client's own when it is short and harmless in a log, else a new one.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    fn of(request: &Request) -> Self {
        let sent = request
            .headers()
            .get(&X_REQUEST_ID)
            .filter(|value| is_harmless(value));
        Self(sent.cloned().unwrap_or_else(Self::fresh))
    }

    fn fresh() -> HeaderValue {
        HeaderValue::from_str(&Uuid::now_v7().to_string()).expect("a UUID is visible ASCII")
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Letters, digits and `-_.:` only: an id ends up in logs, where a line break or an escape sequence would forge them.
fn is_harmless(value: &HeaderValue) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    (1..=ID_LENGTH_MAX).contains(&value.len()) && value.as_bytes().iter().all(allowed)
}

/// Gives the request its id and span, logs how it ended and counts it under its route.
pub(crate) async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(&request);
    let method = request.method().clone();
    let path = String::from(request.uri().path());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    request.extensions_mut().insert(id.clone());

    let span = tracing::info_span!("request", request_id = id.as_str(), %method, route);
    let mut response = next.run(request).instrument(span.clone()).await;

    let elapsed = started.elapsed();
    let status = response.status();
    app.metrics().request(&method, route, status, elapsed);
    let duration_ms = elapsed.as_secs_f64() * 1000.0;
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::warn!(
                status = status.as_u16(),
                duration_ms,
                path,
                "request failed"
            );
        } else if PROBED.contains(&route) {
            tracing::debug!(
                status = status.as_u16(),
                duration_ms,
                path,
                "request answered"
            );
        } else {
            tracing::info!(
                status = status.as_u16(),
                duration_ms,
                path,
                "request answered"
            );
        }
    });
    response.headers_mut().insert(X_REQUEST_ID, id.0);
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_over_only_when_it_cannot_harm_a_log() {
        let check = |value: &[u8], expected: bool| {
            assert_eq!(
                is_harmless(&HeaderValue::from_bytes(value).unwrap()),
                expected,
                "{value:?}"
            );
        };
        check(b"0192-abc_DEF.1:2", true);
        check(&[b'a'; 128], true);
        check(&[b'a'; 129], false);
        check(b"", false);
        check(b"a b", false);
        check(b"a\tb", false);
        check(b"{\"a\":1}", false);
        check("\u{e9}".as_bytes(), false);
    }
}
