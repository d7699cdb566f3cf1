//! The reserved connection: for a question that must be answered while every session of the pool is in use.

use super::state::Shared;
use crate::Error;
use crate::telemetry::Instruments;
use std::sync::Arc;

impl Shared {
    /// A pool of one connection beside this one, made when it is first asked for and closed with this one.
    pub(crate) fn reserved(&self) -> Result<&Arc<Self>, Error> {
        if let Some(reserved) = self.reserved.get() {
            return Ok(reserved);
        }
        let mut options = self.options().clone();
        options.url.password = self.connector.password();
        let pool = &mut options.pool;
        (pool.size, pool.max_overflow, pool.min_idle, pool.lanes) = (1, 0, 0, 0);
        let database = &options.url.database;
        let instruments = Instruments::new(database, &format!("{database} (reserved)"));
        let made = Self::start_on(self.runtime.clone(), options, instruments)?;
        let reserved = self.reserved.get_or_init(|| made);
        if self.state().closed {
            // Nothing has been lent yet, so that there is nothing to wait for.
            reserved.state().closed = true;
        }
        Ok(reserved)
    }
}
