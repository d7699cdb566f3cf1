//! The cluster against real PostgreSQL.

mod start;
mod support;
