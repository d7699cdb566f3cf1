//! The pool against real PostgreSQL.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test sees a panic of its tasks by joining them; it and its helpers fail by panicking"
)]

mod abandoned;
mod beside;
mod blocking;
mod bulk;
mod cancel;
mod checkout;
mod connect;
mod copy_text;
mod encoding;
mod fake_server;
mod footprint;
mod interleaved;
mod lane;
mod languages;
mod last_words;
mod listen;
mod pgbouncer;
mod queue;
mod read_pool;
mod refused;
mod reserved;
mod several_hosts;
mod sharing;
mod sqlstate;
mod support;
mod tls;
mod traces;
mod transaction;
mod whole;
