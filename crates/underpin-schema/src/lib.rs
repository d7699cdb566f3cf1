#![doc = include_str!("../README.md")]

mod facts;
mod object;

mod catalog;
mod dependencies;
mod scope;

mod create;
mod diff;
mod order;
pub mod sql;

mod error;

pub use catalog::Catalog;
pub use create::{Statement, create_sql};
pub use dependencies::Dependencies;
pub use diff::{Change, ChangeKind, Rename, diff, implied_renames};
pub use error::Error;
pub use facts::*;
pub use object::Object;
pub use scope::Scope;
