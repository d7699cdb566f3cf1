//! The pool in numbers.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// The pool at one moment, in the terms users of SQLAlchemy know, and a few more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// How many idle sessions the pool keeps.
    pub pool_size: usize,
    /// How many more it may open under load.
    pub max_overflow: usize,
    /// Idle sessions.
    pub checked_in: usize,
    /// Sessions in use, or being cleaned after use.
    pub checked_out: usize,
    /// Sessions beyond the pool size.
    pub overflow: usize,
    /// Idle and in use.
    pub total: usize,
    /// Checkouts waiting for a session.
    pub waiting: usize,
    /// Connections being opened.
    pub creating: usize,
    /// Lanes that are connected.
    pub lanes: usize,
    /// Statements on the lanes.
    pub lane_depth: usize,
    /// Connections opened since the start.
    pub created: u64,
    /// Connections closed since the start, by reason.
    pub closed: BTreeMap<&'static str, u64>,
}

/// Why a connection of the pool was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// Came back while enough others were idle.
    Overflow,
    /// Reached its maximum age.
    Recycled,
    /// Was idle for too long.
    Idle,
    /// The server or the network ended it.
    Broken,
    /// Others of its generation were ended, or its server no longer takes writes.
    Invalidated,
    /// Could not be brought back to a clean state in time.
    Unclean,
    /// Closed by its user.
    Requested,
    /// The pool is closing.
    Shutdown,
}

impl CloseReason {
    const ALL: [Self; 8] = [
        Self::Overflow,
        Self::Recycled,
        Self::Idle,
        Self::Broken,
        Self::Invalidated,
        Self::Unclean,
        Self::Requested,
        Self::Shutdown,
    ];

    /// The reason as metrics and logs name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::Recycled => "recycled",
            Self::Idle => "idle",
            Self::Broken => "broken",
            Self::Invalidated => "invalidated",
            Self::Unclean => "unclean",
            Self::Requested => "requested",
            Self::Shutdown => "shutdown",
        }
    }
}

/// Counts since the start.
#[derive(Debug, Default)]
pub(super) struct Counters {
    created: AtomicU64,
    closed: [AtomicU64; CloseReason::ALL.len()],
}

impl Counters {
    pub(super) fn opened(&self) {
        self.created.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self, reason: CloseReason) {
        self.closed[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn created(&self) -> u64 {
        self.created.load(Ordering::Relaxed)
    }

    pub(super) fn closed_by_reason(&self) -> BTreeMap<&'static str, u64> {
        CloseReason::ALL
            .into_iter()
            .map(|reason| {
                (
                    reason.name(),
                    self.closed[reason as usize].load(Ordering::Relaxed),
                )
            })
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}
