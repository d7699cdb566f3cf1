//! What every handler shares: the database, its health, the metrics, the limits.

use crate::connection::Ledger;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::settings::Settings;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;
use underpin_migrate::Chain;
use underpin_pool::Database;

/// What every handler shares; cloning it shares it.
#[derive(Debug, Clone)]
pub struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    database: Database,
    health: Health,
    metrics: Metrics,
    ledger: Ledger,
    settings: Settings,
    draining: AtomicBool,
    restarts: AtomicUsize,
    started: Instant,
}

impl App {
    /// Opens nothing: the database may be down now and come later.
    ///
    /// `chain` is the set of migrations that must be applied before the service calls itself ready.
    #[must_use]
    pub fn new(database: Database, chain: Chain, settings: Settings) -> Self {
        Self::with_metrics(database, chain, settings, Metrics::new())
    }

    /// The same with metrics that the pool knows, too: see [`Metrics::observing`].
    #[must_use]
    pub fn with_metrics(
        database: Database,
        chain: Chain,
        settings: Settings,
        metrics: Metrics,
    ) -> Self {
        Self(Arc::new(Shared {
            health: Health::new(database.clone(), chain),
            database,
            metrics,
            ledger: Ledger::new(settings.in_flight_bytes_max),
            settings,
            draining: AtomicBool::new(false),
            restarts: AtomicUsize::new(0),
            started: Instant::now(),
        }))
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// What is known about the database and the schema.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.0.health
    }

    /// The limits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// When the service was made.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.0.started
    }

    /// Is the service shutting down? Then it is not ready, while it still answers.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Acquire)
    }

    pub(crate) fn drain(&self) {
        self.0.draining.store(true, Ordering::Release);
    }

    /// Notes that the database's server died and was started again by this process; `/health` tells how often.
    pub fn note_restart(&self) {
        self.0.restarts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn restarts(&self) -> usize {
        self.0.restarts.load(Ordering::Relaxed)
    }

    /// What the connections of this service hold.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
}
