//! The crate against a real PostgreSQL.

mod cases;
mod catalog;
mod classes;
mod converge;
mod everything;
mod random;
mod round_trip;
mod size;
mod support;
mod unasked;
