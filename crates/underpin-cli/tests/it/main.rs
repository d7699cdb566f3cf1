//! End-to-end tests: each drives the real binary `underpin`, as a user or a script does.

mod bad_database;
mod harness;
mod json;
mod no_postgres;
mod secrets;
mod serve;
mod together;
mod usage;
mod verify;
