//! The fault suite: what happens to the pool when PostgreSQL, the network or the program misbehaves.
//!
//! Each test makes one fault on a real server and says what must hold: nothing hangs, nothing committed is lost,
//! nothing is done twice, and the pool is whole again afterwards.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test sees a panic of its tasks by joining them; it and its helpers fail by panicking"
)]

mod away;
mod black_hole;
mod client;
mod commit;
mod fail_over;
mod lifetime;
mod plans;
mod restart;
mod runtime;
mod server_limits;
mod storm;
mod support;
mod types;
