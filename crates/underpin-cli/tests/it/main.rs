//! End-to-end tests: each drives the real binary `underpin`, as a user or a script does.

mod bad_database;
mod db;
mod harness;
mod json;
mod migrate;
mod no_postgres;
mod registry;
mod secrets;
mod serve;
mod together;
mod usage;
mod verify;
