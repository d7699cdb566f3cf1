//! Which web pages may read the answers: any for the MCP registry API, the configured ones elsewhere.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CONTENT_TYPE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Opens `/v0.1` to every page, errors included: a browser hides an answer without these headers, and the client then
/// reports a broken registry instead of what the answer says.
pub(crate) async fn open_registry(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path != "/v0.1" && !path.starts_with("/v0.1/") {
        return next.run(request).await;
    }
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    open(response.headers_mut());
    response
}

/// Sets the three headers that the registry's clients ask for.
fn open(headers: &mut HeaderMap) {
    headers.remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, OPTIONS"),
    );
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Authorization, Content-Type"),
    );
}

/// The configured origins, for everything else; no layer when there are none.
pub(crate) fn for_origins(origins: &[String]) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin).ok())
        .collect();
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::OPTIONS])
            .allow_headers([AUTHORIZATION, CONTENT_TYPE])
    })
}
