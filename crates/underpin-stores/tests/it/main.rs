//! Tests of the registry on a real PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests are tests; the lints know only functions marked #[test]"
)]

mod cases;
mod documents;
mod exports;
mod imports;
mod items;
mod latest;
mod mirrors;
mod mutations;
mod pages;
mod plans;
mod reads;
mod schema;
mod support;
