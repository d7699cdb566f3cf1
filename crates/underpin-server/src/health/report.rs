//! A snapshot as `application/health+json` writes it (draft-inadarei-api-health-check-06).

use super::{Level, Outcome, Snapshot};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use underpin_pool::Status;

/// The media type of `/health`.
pub const HEALTH_JSON: &str = "application/health+json";

/// The state of the service, for people and monitors.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(title = "Health")]
pub struct Report {
    /// `pass`, `warn` or `fail`: the worst of all checks.
    #[schema(example = "pass")]
    status: &'static str,
    /// The version of the HTTP API.
    version: &'static str,
    /// The version of the program.
    release_id: &'static str,
    /// Which service this is.
    service_id: &'static str,
    /// What it does.
    description: &'static str,
    /// By component and measurement: `postgres:connections`, `postgres:migrations`, `uptime`.
    checks: BTreeMap<&'static str, Vec<Check>>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Check {
    component_id: &'static str,
    component_type: &'static str,
    /// The component's name.
    name: &'static str,
    /// `pass`, `warn` or `fail`.
    #[schema(example = "pass")]
    status: &'static str,
    /// What was measured; absent when it could not be.
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_value: Option<f64>,
    observed_unit: &'static str,
    /// How long it took to find out, in milliseconds.
    #[serde(rename = "latency_ms")]
    latency_ms: f64,
    /// When it was measured (RFC 3339).
    #[schema(format = DateTime)]
    time: String,
    /// What is wrong; absent on `pass`.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    /// The pool's numbers, on `postgres:connections`.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Pool>,
}

/// The connection pool in numbers.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct Pool {
    /// How many idle sessions are kept.
    pool_size: usize,
    /// How many more may be opened under load.
    max_overflow: usize,
    /// Sessions idle in the pool.
    checked_in: usize,
    /// Sessions in use.
    checked_out: usize,
    /// Sessions open beyond `pool_size`.
    overflow: usize,
    /// Sessions open.
    total: usize,
    /// Checkouts waiting for a session.
    waiting: usize,
}

impl Report {
    /// Writes down what a snapshot found; `uptime` is absent where no service runs.
    #[must_use]
    pub fn new(snapshot: &Snapshot, uptime: Option<Duration>) -> Self {
        let time = snapshot.at.to_string();
        let connections = Check {
            observed_value: Some(small(snapshot.pool.checked_out)),
            observed_unit: "connections in use",
            details: Some(Pool::from(&snapshot.pool)),
            ..Check::new("postgres", "datastore", &snapshot.database, &time)
        };
        let migrations = Check {
            observed_value: snapshot.pending.map(small),
            observed_unit: "migrations pending",
            ..Check::new("migrations", "component", &snapshot.schema, &time)
        };
        let mut checks = BTreeMap::from([
            ("postgres:connections", vec![connections]),
            ("postgres:migrations", vec![migrations]),
        ]);
        if let Some(uptime) = uptime {
            checks.insert("uptime", vec![Check::uptime(uptime, &time)]);
        }
        Self {
            status: snapshot.level().as_str(),
            version: "1",
            release_id: env!("CARGO_PKG_VERSION"),
            service_id: "underpin",
            description: "the Underpin service: MCP registry on PostgreSQL",
            checks,
        }
    }

    /// Adds how often this process had to start the database's server again; nothing when it never had to.
    #[must_use]
    pub(crate) fn with_restarts(mut self, restarts: usize, at: &Snapshot) -> Self {
        if restarts > 0 {
            let outcome = Outcome {
                level: Level::Pass,
                latency: Duration::ZERO,
                output: Some(String::from(
                    "the embedded server died and was started again: look at its log",
                )),
                kind: None,
                cause: None,
            };
            let check = Check {
                observed_value: Some(small(restarts)),
                observed_unit: "restarts",
                ..Check::new("postgres", "datastore", &outcome, &at.at.to_string())
            };
            self.checks.insert("postgres:restarts", vec![check]);
        }
        self
    }

    /// Does the service work? `warn` does.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.status != Level::Fail.as_str()
    }

    /// One line a check, for people: `[+]postgres ok`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.checks.values().flatten().map(|check| {
            let Check {
                name,
                status,
                latency_ms,
                output,
                ..
            } = check;
            let said = output
                .as_ref()
                .map_or_else(|| format!("{latency_ms} ms"), Clone::clone);
            format!("{status}  {name}: {said}")
        })
    }
}

impl Check {
    fn new(
        component_id: &'static str,
        component_type: &'static str,
        outcome: &Outcome,
        time: &str,
    ) -> Self {
        Self {
            component_id,
            component_type,
            name: component_id,
            status: outcome.level.as_str(),
            observed_value: None,
            observed_unit: "",
            latency_ms: milliseconds(outcome.latency),
            time: String::from(time),
            output: outcome.output.clone(),
            details: None,
        }
    }

    fn uptime(uptime: Duration, time: &str) -> Self {
        let outcome = Outcome {
            level: Level::Pass,
            latency: Duration::ZERO,
            output: None,
            kind: None,
            cause: None,
        };
        Self {
            observed_value: Some(uptime.as_secs_f64().floor()),
            observed_unit: "s",
            ..Self::new("service", "system", &outcome, time)
        }
    }
}

impl From<&Status> for Pool {
    fn from(status: &Status) -> Self {
        let &Status {
            pool_size,
            max_overflow,
            checked_in,
            checked_out,
            overflow,
            total,
            waiting,
            ..
        } = status;
        Self {
            pool_size,
            max_overflow,
            checked_in,
            checked_out,
            overflow,
            total,
            waiting,
        }
    }
}

/// Milliseconds with three places: enough, and readable.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

fn small(value: usize) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}
