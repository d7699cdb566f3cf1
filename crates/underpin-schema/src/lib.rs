#![doc = include_str!("../README.md")]

mod facts;
mod object;

mod catalog;
mod dependencies;
mod owners;
mod scope;

mod create;
mod diff;
mod order;
pub mod sql;

mod error;

pub use catalog::Catalog;
pub use create::{Statement, create_sql};
pub use dependencies::Dependencies;
pub use diff::{Change, ChangeKind, Plan, Rename, diff, implied_renames, plan, wanted_owners};
pub use error::Error;
pub use facts::*;
pub use object::Object;
pub use owners::Owners;
pub use scope::Scope;
