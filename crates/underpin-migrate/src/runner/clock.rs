//! The server's time, without asking for it again and again.

use crate::Error;
use jiff::{SignedDuration, Timestamp};
use std::time::Instant;
use underpin_pool::Session;

/// The server's time at one moment, carried on by this machine's steady clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    server: Timestamp,
    here: Instant,
}

impl Clock {
    pub(super) async fn read(session: &Session) -> Result<Self, Error> {
        let row = session.query_one("SELECT clock_timestamp()", &[]).await;
        let server = row
            .and_then(|row| row.get(0))
            .map_err(|error| Error::caused_by("could not read the server's clock", error))?;
        Ok(Self {
            server,
            here: Instant::now(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.here.elapsed()).unwrap_or(SignedDuration::ZERO);
        self.server.saturating_add(passed).unwrap_or(self.server)
    }
}
