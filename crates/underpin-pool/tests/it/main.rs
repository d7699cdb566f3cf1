//! The pool against real PostgreSQL.

mod cancel;
mod checkout;
mod connect;
mod support;
mod transaction;
