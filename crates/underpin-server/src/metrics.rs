//! What Prometheus is told: requests by route, the pool, the build.

use axum::http::{Method, StatusCode};
use metrics::{Label, Unit, with_local_recorder};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use underpin_pool::Status;

/// Upper bounds of the duration histogram in seconds: those of the OpenTelemetry conventions for HTTP servers.
const DURATION_BOUNDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

const REQUESTS: &str = "http_server_requests_total";
const DURATION: &str = "http_server_request_duration_seconds";
const HELD: &str = "underpin_http_held_bytes";
const CONNECTIONS: &str = "db_client_connection_count";
const CONNECTIONS_IDLE_MAX: &str = "db_client_connection_idle_max";
const CONNECTIONS_MAX: &str = "db_client_connection_max";
const PENDING: &str = "db_client_connection_pending_requests";
const BUILD: &str = "underpin_build_info";

/// The recorder of one service.
///
/// It is not installed for the whole process: two services in one process, as in tests, count apart.
#[derive(Clone)]
pub(crate) struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(String::from(DURATION)), &DURATION_BOUNDS)
            .expect("the list of bounds is not empty");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        let metrics = Self {
            recorder: Arc::new(recorder),
            handle,
        };
        metrics.describe();
        metrics
    }

    fn describe(&self) {
        with_local_recorder(&*self.recorder, || {
            metrics::describe_counter!(REQUESTS, "Requests answered, by method, route and status.");
            metrics::describe_histogram!(
                DURATION,
                Unit::Seconds,
                "Time from request to response, by method and route."
            );
            metrics::describe_gauge!(
                HELD,
                Unit::Bytes,
                "Bodies of requests and answers that are in memory: what clients have not taken yet."
            );
            metrics::describe_gauge!(CONNECTIONS, "Sessions open in the pool, by state.");
            metrics::describe_gauge!(
                CONNECTIONS_IDLE_MAX,
                "How many idle sessions the pool keeps."
            );
            metrics::describe_gauge!(CONNECTIONS_MAX, "How many sessions the pool may open.");
            metrics::describe_gauge!(PENDING, "Checkouts that wait for a session.");
            metrics::describe_gauge!(BUILD, "Always 1; the label says which version runs.");
            metrics::gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        });
    }

    /// Counts one answered request.
    pub(crate) fn request(
        &self,
        method: &Method,
        route: &str,
        status: StatusCode,
        elapsed: Duration,
    ) {
        let method = known_method(method);
        let route = Label::new("http_route", String::from(route));
        with_local_recorder(&*self.recorder, || {
            let labels = vec![
                Label::new("http_request_method", method),
                route.clone(),
                Label::new("http_response_status_code", status.as_str().to_owned()),
            ];
            metrics::counter!(REQUESTS, labels).increment(1);
            let labels = vec![Label::new("http_request_method", method), route];
            metrics::histogram!(DURATION, labels).record(elapsed);
        });
    }

    /// All metrics as Prometheus text, with the pool and the connections' memory as they are now.
    pub(crate) fn render(&self, pool: &Status, held: usize) -> String {
        self.pool(pool);
        with_local_recorder(&*self.recorder, || metrics::gauge!(HELD).set(count(held)));
        self.handle.render()
    }

    fn pool(&self, pool: &Status) {
        let name = "postgres";
        with_local_recorder(&*self.recorder, || {
            let idle = metrics::gauge!(CONNECTIONS, "db_client_connection_pool_name" => name, "db_client_connection_state" => "idle");
            idle.set(count(pool.checked_in));
            let used = metrics::gauge!(CONNECTIONS, "db_client_connection_pool_name" => name, "db_client_connection_state" => "used");
            used.set(count(pool.checked_out));
            metrics::gauge!(CONNECTIONS_IDLE_MAX, "db_client_connection_pool_name" => name)
                .set(count(pool.pool_size));
            metrics::gauge!(CONNECTIONS_MAX, "db_client_connection_pool_name" => name)
                .set(count(pool.pool_size + pool.max_overflow));
            metrics::gauge!(PENDING, "db_client_connection_pool_name" => name)
                .set(count(pool.waiting));
        });
    }

    /// Moves recorded durations into the histogram, so that they do not pile up when nobody scrapes.
    pub(crate) fn run_upkeep(&self) {
        self.handle.run_upkeep();
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A small count as a gauge's value.
fn count(value: usize) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}

/// The method as a label; a made-up one becomes `_OTHER`, so that a client cannot create series at will.
fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        _ => "_OTHER",
    }
}
