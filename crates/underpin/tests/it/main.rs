//! The facade: a service that depends on `underpin` only. This package has no dependency on the crates it re-exports.

mod one_dependency;
mod transactions;
