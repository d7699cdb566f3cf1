//! The OpenAPI document, made from the routes themselves.

use crate::problem::{PROBLEM_JSON, ProblemBody};
use crate::router::documented;
use std::sync::LazyLock;
use utoipa::OpenApi;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// The document is the same for the life of the program.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let mut document = documented().into_openapi();
    document.paths.paths.values_mut().for_each(add_common);
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

/// Adds to each operation what the layers around all routes may answer.
fn add_common(path: &mut PathItem) {
    let operations = [
        &mut path.get,
        &mut path.put,
        &mut path.post,
        &mut path.delete,
        &mut path.patch,
    ];
    for operation in operations.into_iter().flatten() {
        let responses = &mut operation.responses.responses;
        for (status, description) in COMMON {
            responses
                .entry(String::from(status))
                .or_insert_with(|| problem(description));
        }
    }
}

/// What any request may be answered, whatever its route.
const COMMON: [(&str, &str); 2] = [
    (
        "400",
        "The address is no text: its escapes are no UTF-8, or contain NUL",
    ),
    (
        "default",
        "What any request may get: 413 a body too large, 500 a fault of ours, 503 no room for another answer, 504 too late",
    ),
];

fn problem(description: &str) -> RefOr<Response> {
    let body = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("ProblemBody")))
        .build();
    let response = ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, body);
    response.build().into()
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
