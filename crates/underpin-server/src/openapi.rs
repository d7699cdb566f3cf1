//! The OpenAPI document, made from the routes themselves.

use crate::problem::ProblemBody;
use crate::router::documented;
use std::sync::LazyLock;
use utoipa::OpenApi;

/// The document is the same for the life of the program.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = documented().into_openapi();
    document
        .to_pretty_json()
        .expect("the document is made of strings and maps with string keys")
});

/// What stands above the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Underpin",
        description = "A registry of MCP servers on PostgreSQL: the read API that VS Code and GitHub Copilot use (`/v0.1`), \
                       the registry's own API (`/api/v1`), health and metrics. Every error is `application/problem+json` \
                       (RFC 9457). Send `X-Request-Id` to find a request again in the log; one is made up otherwise.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "mcp", description = "The MCP registry read API, as modelcontextprotocol/registry publishes it"),
        (name = "registry", description = "The registry's own view of its servers"),
        (name = "operations", description = "Liveness, readiness, health, metrics"),
        (name = "pages", description = "For people"),
    ),
    components(schemas(ProblemBody))
)]
struct Head;

/// Title, licence and shared schemas, without any route.
pub(crate) fn head() -> utoipa::openapi::OpenApi {
    let mut head = Head::openapi();
    head.info.version = String::from(env!("CARGO_PKG_VERSION"));
    head
}

/// The OpenAPI 3.1 document of every route, as indented JSON.
///
/// # Example
/// ```
/// let document = underpin_server::openapi();
/// assert!(document.contains("\"/v0.1/servers\""));
/// ```
#[must_use]
pub fn openapi() -> &'static str {
    &DOCUMENT
}
