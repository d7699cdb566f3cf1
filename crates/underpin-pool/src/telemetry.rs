//! What the pool looks like from outside: OpenTelemetry's database metrics and spans, by their standard names.
//!
//! Instruments go through the `metrics` facade and are registered when the pool is made: install a recorder before.
//! Spans go through `tracing`, target `underpin_pool::statement`, level DEBUG. Neither ever carries a parameter or a
//! literal of a statement.

use crate::Error;
use crate::normalise::normalise;
use metrics::{Counter, Gauge, Histogram};
use std::time::{Duration, Instant};
use tracing::Span;

/// The instruments of one pool.
pub(crate) struct Instruments {
    operation_duration: Histogram,
    pub(crate) wait_time: Histogram,
    pub(crate) use_time: Histogram,
    pub(crate) create_time: Histogram,
    pub(crate) timeouts: Counter,
    idle: Gauge,
    used: Gauge,
    pending_requests: Gauge,
}

impl Instruments {
    pub(crate) fn new(database: &str, pool: &str) -> Self {
        let pool_name = ("db.client.connection.pool.name", String::from(pool));
        let namespace = ("db.namespace", String::from(database));
        Self {
            operation_duration: metrics::histogram!(
                "db.client.operation.duration", "db.system.name" => "postgresql", namespace.0 => namespace.1),
            wait_time: metrics::histogram!(
                "db.client.connection.wait_time",
                std::slice::from_ref(&pool_name)
            ),
            use_time: metrics::histogram!(
                "db.client.connection.use_time",
                std::slice::from_ref(&pool_name)
            ),
            create_time: metrics::histogram!(
                "db.client.connection.create_time",
                std::slice::from_ref(&pool_name)
            ),
            timeouts: metrics::counter!(
                "db.client.connection.timeouts",
                std::slice::from_ref(&pool_name)
            ),
            idle: metrics::gauge!("db.client.connection.count",
                pool_name.0 => pool_name.1.clone(), "db.client.connection.state" => "idle"),
            used: metrics::gauge!("db.client.connection.count",
                pool_name.0 => pool_name.1.clone(), "db.client.connection.state" => "used"),
            pending_requests: metrics::gauge!(
                "db.client.connection.pending_requests",
                &[pool_name]
            ),
        }
    }

    /// Refreshes the gauges.
    pub(crate) fn gauges(&self, idle: usize, used: usize, waiting: usize) {
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        self.idle.set(number(idle));
        self.used.set(number(used));
        self.pending_requests.set(number(waiting));
    }
}

/// A statement being watched.
pub(crate) struct Watch {
    pub(crate) began: Instant,
    span: Span,
}

impl Watch {
    pub(crate) fn start(sql: &str) -> Self {
        let span = tracing::debug_span!(
            target: "underpin_pool::statement",
            "db.statement",
            db.system.name = "postgresql",
            db.query.text = tracing::field::Empty,
            db.response.status_code = tracing::field::Empty,
            error.type = tracing::field::Empty,
        );
        if !span.is_disabled() {
            span.record("db.query.text", normalise(sql));
        }
        Self {
            began: Instant::now(),
            span,
        }
    }

    /// Closes the span and notes the time; `slow` is the limit of the slow-query log, `echo` logs every statement.
    pub(crate) fn finish<T>(
        &self,
        sql: &str,
        outcome: &Result<T, Error>,
        instruments: &Instruments,
        slow: Duration,
        echo: bool,
    ) {
        let took = self.began.elapsed();
        instruments.operation_duration.record(took.as_secs_f64());
        if let Err(error) = outcome
            && !self.span.is_disabled()
        {
            self.span
                .record("error.type", tracing::field::debug(error.kind()));
            self.span.record("db.response.status_code", error.code());
        }
        let duration_ms = took.as_secs_f64() * 1000.0;
        if took >= slow {
            tracing::warn!(duration_ms, statement = normalise(sql), "slow statement");
        } else if echo {
            tracing::info!(duration_ms, statement = normalise(sql), "statement");
        }
    }
}
