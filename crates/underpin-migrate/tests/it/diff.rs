//! The way from one schema to another: found, proven, told, and gone on databases with rows.

mod access;
mod beyond;
mod files;
mod invalid;
mod pairs;
mod partitions;
mod renames;
mod safety;
mod sources;
pub(crate) mod support;
mod ways;
