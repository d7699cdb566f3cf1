//! The cluster against real PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests are tests; the lints know only functions marked #[test]"
)]

mod attack;
mod crash;
mod disk;
mod holder;
mod install;
mod majors;
mod paths;
mod rights;
mod roles;
mod sharing;
mod source;
mod start;
mod support;
