//! What wraps every route, from the outside in: see [`wrap`].

mod address;
mod cors;
mod faults;
mod observe;
mod room;

pub(crate) use address::join_slashed_names;
pub(crate) use faults::Described;

use crate::app::App;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

/// Puts the layers around the routes; each line wraps all lines above it.
///
/// The order matters: whatever a layer answers by itself, a timeout or a refused address, still passes through those
/// outside it, so that it is a problem document, carries the CORS headers and a request id, and is logged and counted.
pub(crate) fn wrap(routes: Router, app: &App) -> Router {
    let settings = app.settings();
    routes
        .layer(RequestBodyLimitLayer::new(settings.body_bytes_max))
        .layer(CatchPanicLayer::custom(faults::panicked))
        .layer(from_fn_with_state(
            settings.request_timeout,
            faults::limit_time,
        ))
        .layer(from_fn(room::refuse_beyond_memory))
        .layer(from_fn(address::refuse_malformed))
        .layer(from_fn(faults::describe))
        .layer(option_layer(cors::for_origins(&settings.allowed_origins)))
        .layer(from_fn(cors::open_registry))
        .layer(from_fn_with_state(app.clone(), observe::observe))
}
