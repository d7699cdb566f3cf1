//! Who has which session, since when, and where in the program it was taken.

use super::state::Pooled;
use crate::wire::Wire;
use slab::Slab;
use std::panic::Location;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Where a session was taken; None while the pool itself holds it.
pub(super) type Site = Option<&'static Location<'static>>;

/// A loan's entry; meaningless for a connection that is not lent.
pub(super) type LoanKey = usize;

/// The open loans.
#[derive(Default)]
pub(super) struct Loans(Slab<Loan>);

struct Loan {
    wire: Weak<Wire>,
    since: Instant,
    site: Site,
    /// Was it reported as held for too long?
    reported: bool,
}

/// A loan as errors and logs tell it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) since: Instant,
    pub(super) site: Site,
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1?}", self.since.elapsed())?;
        match self.site {
            Some(site) => write!(f, ", taken at {site}"),
            None => f.write_str(", being opened or cleaned"),
        }
    }
}

impl Loans {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Enters a connection.
    pub(super) fn open(&mut self, connection: &mut Pooled, site: Site) {
        connection.loan = self.0.insert(Loan {
            wire: Arc::downgrade(&connection.wire),
            since: Instant::now(),
            site,
            reported: false,
        });
    }

    /// Hands a connection from the pool to a waiter.
    pub(super) fn pass_on(&mut self, connection: &Pooled, site: Site) {
        self.note_return(connection);
        if let Some(loan) = self.0.get_mut(connection.loan) {
            (loan.since, loan.site, loan.reported) = (Instant::now(), site, false);
        }
    }

    /// Strikes a connection out; tells how long it was lent.
    pub(super) fn close(&mut self, connection: &Pooled) -> Duration {
        self.note_return(connection);
        let loan = self.0.try_remove(connection.loan);
        loan.map_or(Duration::ZERO, |loan| loan.since.elapsed())
    }

    /// The loan that is open for longest.
    pub(super) fn oldest(&self) -> Option<Held> {
        let oldest = self
            .0
            .iter()
            .map(|(_, loan)| loan)
            .min_by_key(|loan| loan.since)?;
        Some(Held {
            since: oldest.since,
            site: oldest.site,
        })
    }

    /// Loans that became older than `threshold` since the last call.
    pub(super) fn overdue(&mut self, threshold: Duration) -> Vec<Held> {
        let overdue = self.0.iter_mut().filter_map(|(_, loan)| {
            let is_news =
                !loan.reported && loan.site.is_some() && loan.since.elapsed() >= threshold;
            loan.reported |= is_news;
            is_news.then_some(Held {
                since: loan.since,
                site: loan.site,
            })
        });
        overdue.collect()
    }

    /// The connections that are lent.
    pub(super) fn wires(&self) -> Vec<Arc<Wire>> {
        self.0
            .iter()
            .filter_map(|(_, loan)| loan.wire.upgrade())
            .collect()
    }

    fn note_return(&self, connection: &Pooled) {
        if let Some(loan) = self.0.get(connection.loan)
            && loan.reported
        {
            let held = Held {
                since: loan.since,
                site: loan.site,
            };
            tracing::info!(%held, "a session held for long was returned");
        }
    }
}
