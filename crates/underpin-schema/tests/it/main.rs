//! The crate against a real PostgreSQL.

mod cases;
mod support;
