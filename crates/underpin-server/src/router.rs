//! All routes, each with its line in the OpenAPI document.

use crate::app::App;
use crate::layers;
use crate::openapi;
use crate::routes;
use axum::Router;
use utoipa_axum::router::OpenApiRouter;

/// Every route with the layers around it; an address without a route, or a wrong method, is described by a layer.
pub(crate) fn router(app: &App, more: Router<App>) -> Router {
    let (routes, _) = documented().split_for_parts();
    layers::wrap(routes.merge(more).with_state(app.clone()), app)
}

/// The routes together with their description, so that one cannot exist without the other.
pub(crate) fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::head())
        .merge(routes::probes())
        .merge(routes::registry())
        .merge(routes::pages())
}
