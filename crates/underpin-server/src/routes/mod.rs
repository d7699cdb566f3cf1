//! One file a resource; each knows its wire types, and how a request becomes a question to the stores.

mod dashboard;
mod docs;
mod health;
mod items;
mod livez;
mod metrics;
mod openapi;
mod readyz;
mod servers;
mod statistics;

use crate::app::App;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// For machines that watch the service.
pub(crate) fn probes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(livez::livez))
        .routes(routes!(readyz::readyz))
        .routes(routes!(health::health))
        .routes(routes!(metrics::metrics))
}

/// The registry: the published read API and our own.
pub(crate) fn registry() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(servers::list))
        .routes(routes!(servers::versions))
        .routes(routes!(servers::version))
        .routes(routes!(items::list))
        .routes(routes!(items::item))
        .routes(routes!(statistics::statistics))
}

/// For people. The files of the API page are the only routes that the OpenAPI document does not list.
pub(crate) fn pages() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(dashboard::dashboard))
        .routes(routes!(openapi::openapi))
        .routes(routes!(docs::docs))
        .route("/docs/", get(docs::index))
        .route("/docs/{*file}", get(docs::file))
}
