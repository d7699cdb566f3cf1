//! The pool: who may use which connection, and when.
//!
//! `state` is the book, `checkout` takes from it, `give_back` returns to it, `create` opens connections in the
//! background, `upkeep` replaces old ones, `close` ends them all. Every change of the book happens under one short
//! lock that is never held across an await.

mod checkout;
mod close;
mod create;
mod give_back;
mod lease;
mod loan;
mod over;
mod reserved;
mod state;
mod status;
mod upkeep;

pub(crate) use lease::Lease;
pub(crate) use state::Shared;
pub use status::{CloseReason, Status};
