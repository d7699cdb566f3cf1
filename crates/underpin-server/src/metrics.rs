//! What Prometheus is told: requests by route, the pool, the build.

use axum::http::{Method, StatusCode};
use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, Recorder, SharedString, Unit,
    with_local_recorder,
};
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

/// The same for database operations and for waiting on connections.
const DATABASE_BOUNDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// What the pool is called in every label.
const POOL: &str = "postgres";
const POOL_NAME: &str = "db_client_connection_pool_name";

const REQUESTS: &str = "http_server_requests_total";
const DURATION: &str = "http_server_request_duration_seconds";
const HELD: &str = "underpin_http_held_bytes";
const CONNECTIONS: &str = "db_client_connection_count";
const CONNECTIONS_IDLE_MAX: &str = "db_client_connection_idle_max";
const CONNECTIONS_MAX: &str = "db_client_connection_max";
const PENDING: &str = "db_client_connection_pending_requests";
const BUILD: &str = "underpin_build_info";

/// What one service counts and measures; cloning it shares it.
///
/// It is not installed for the whole process: two services in one process, as in tests, count apart. A pool tells its
/// durations to the recorder that is there when the pool is made: make it inside [`Metrics::observing`].
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl Metrics {
    /// Nothing is counted yet.
    ///
    /// # Panics
    /// Never: the lists of bounds are in the program, and not empty.
    #[must_use]
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(String::from(DURATION)), &DURATION_BOUNDS)
            .and_then(|builder| {
                let database = Matcher::Prefix(String::from("db_client_"));
                builder.set_buckets_for_metric(database, &DATABASE_BOUNDS)
            })
            .expect("the lists of bounds are not empty");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        let metrics = Self {
            recorder: Arc::new(recorder),
            handle,
        };
        metrics.describe();
        metrics
    }

    /// Runs what makes the pool, whose durations are then part of `/metrics`.
    ///
    /// # Example
    /// ```
    /// use underpin_pool::Database;
    /// use underpin_server::Metrics;
    ///
    /// # fn example(url: underpin_pool::DatabaseUrl) -> Result<(), underpin_pool::Error> {
    /// let metrics = Metrics::new();
    /// let database = metrics.observing(|| Database::lazy(url))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn observing<T>(&self, make: impl FnOnce() -> T) -> T {
        with_local_recorder(&OfPool(Arc::clone(&self.recorder)), make)
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
            for (name, what) in [
                ("operation_duration", "Time of a database statement."),
                (
                    "connection_wait_time",
                    "Time a checkout waited for a session.",
                ),
                ("connection_use_time", "Time a session was out of the pool."),
                ("connection_create_time", "Time it took to open a session."),
            ] {
                metrics::describe_histogram!(
                    format!("db_client_{name}_seconds"),
                    Unit::Seconds,
                    what
                );
            }
            metrics::describe_counter!(
                "db_client_connection_timeouts_total",
                "Checkouts that waited in vain."
            );
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
        let name = POOL;
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

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes what a pool measures by OpenTelemetry's names, under the names that Prometheus has for them.
///
/// Its gauges are left out: those of the service say the same at the moment of the scrape.
struct OfPool(Arc<PrometheusRecorder>);

impl OfPool {
    /// `db.client.connection.wait_time` of the database's name becomes `db_client_connection_wait_time_seconds` of the
    /// pool's.
    fn key(key: &Key, unit: &str) -> Key {
        let plain = |text: &str| text.replace('.', "_");
        let labels = key.labels().map(|label| {
            let name = plain(label.key());
            if name == POOL_NAME {
                Label::new(name, POOL)
            } else {
                Label::new(name, String::from(label.value()))
            }
        });
        let name = format!("{}{unit}", plain(key.name()));
        Key::from_parts(name, labels.collect::<Vec<_>>())
    }
}

impl Recorder for OfPool {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        let key = Self::key(key, "_total");
        self.0.register_counter(&key, metadata)
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        let key = Self::key(key, "_seconds");
        self.0.register_histogram(&key, metadata)
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
