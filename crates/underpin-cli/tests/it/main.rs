//! End-to-end tests: each drives the real binary `underpin`, as a user or a script does.

mod harness;
mod usage;
