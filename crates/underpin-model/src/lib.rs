#![doc = include_str!("../README.md")]

mod actor;
mod base;
mod column;
mod error;
mod filter;
mod model;
mod patch;
mod repository;
mod statement;
mod table;

pub use actor::Actor;
pub use base::Base;
pub use column::Column;
pub use error::{Error, Fault, FaultKind};
pub use filter::{Filter, Order};
pub use model::{Model, NewRow, PatchRow};
pub use patch::Patch;
pub use repository::{Find, Place, Repositories, Repository};
pub use statement::{SharedValue, Statement, Value};
pub use table::{Field, Statements, Table};

pub use underpin_core::{ErrorKind, Id};
pub use underpin_pool::{ColumnSpec, FromRow, Values};
