//! The half of a connection that owns the socket.

use crate::observe::Observed;
use crate::socket::Transport;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use tokio_postgres::Connection;

pub(crate) type Driver = Connection<Transport, Observed>;

/// Holds the driver; None once the connection has ended.
///
/// Must be dropped after the client: the driver then knows that nothing more is asked for, and says goodbye, so that
/// the server sees an orderly end rather than a lost connection.
pub(crate) struct DriverCell(Mutex<Option<Driver>>);

impl DriverCell {
    pub(crate) fn new(driver: Driver) -> Self {
        Self(Mutex::new(Some(driver)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Option<Driver>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DriverCell {
    fn drop(&mut self) {
        if let Some(driver) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner) {
            // Sends what the socket takes without waiting; what it does not take is lost with the socket.
            let _ = Pin::new(driver).poll_message(&mut Context::from_waker(Waker::noop()));
        }
    }
}
