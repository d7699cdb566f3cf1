//! End-to-end tests: each drives the real binary `underpin`, as a user or a script does.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod adopt;
mod bad_database;
mod config;
mod db;
mod diff;
mod harness;
mod json;
mod lint;
mod migrate;
mod new;
mod no_postgres;
mod readme;
mod registry;
mod schema;
mod secrets;
mod serve;
mod serve_states;
mod signals;
mod terminal;
mod together;
mod usage;
mod verify;
