//! `/docs`: Swagger UI over the OpenAPI document. Its files are inside the program: it works offline.

use crate::extract::PathOf;
use crate::problem::Problem;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::{Config, serve};

/// Swagger UI would send the document to a validator on the internet otherwise.
static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json").validator_url("none")));

/// The API to look at and try out.
#[utoipa::path(
    get, path = "/docs", tag = "pages",
    responses((status = 303, description = "To the page itself, `/docs/`"))
)]
pub(crate) async fn docs() -> Redirect {
    Redirect::to("/docs/")
}

/// The page itself.
pub(crate) async fn index() -> Result<Response, Problem> {
    asset("index.html")
}

/// What the page loads.
pub(crate) async fn file(PathOf(file): PathOf<String>) -> Result<Response, Problem> {
    asset(&file)
}

fn asset(name: &str) -> Result<Response, Problem> {
    match serve(name, Arc::clone(&CONFIG)) {
        Ok(Some(file)) => Ok((
            [(header::CONTENT_TYPE, file.content_type)],
            file.bytes.into_owned(),
        )
            .into_response()),
        Ok(None) => Err(Problem::bare(StatusCode::NOT_FOUND)),
        Err(error) => {
            tracing::error!(error, "a file of the API page could not be made");
            Err(Problem::bare(StatusCode::INTERNAL_SERVER_ERROR))
        }
    }
}
