//! Tests of the registry on a real PostgreSQL.

mod cases;
mod documents;
mod exports;
mod imports;
mod items;
mod latest;
mod mirrors;
mod pages;
mod plans;
mod reads;
mod support;
