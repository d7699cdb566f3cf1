//! One connection of a client: what it may hold, how long it may wait, how slowly it may read.
//!
//! hyper gives a connection no deadline but one for the head of a request. The rest is here, on both sides of hyper:
//! [`Paced`] below it bounds the time of each phase, [`Account`] beside it counts the bytes that wait for the client,
//! and [`Ledger`] adds them up over all connections and decides which one is closed when there is no room for more.

mod ledger;
mod metered;
mod paced;

pub(crate) use ledger::{Account, Ledger};
pub(crate) use metered::{answered, known_size, received};
pub(crate) use paced::{Paced, Patience};
