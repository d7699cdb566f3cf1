#![doc = include_str!("../README.md")]

mod actor;
mod any_column;
mod base;
mod column;
mod error;
mod filter;
mod kind;
mod model;
mod patch;
mod repository;
mod sql_value;
mod statement;
mod table;

pub use actor::Actor;
pub use any_column::{AnyColumn, ValueType};
pub use base::Base;
pub use column::Column;
pub use error::{Error, Fault, FaultKind};
pub use filter::{Filter, Order};
pub use kind::Kind;
pub use model::{Model, NewRow, PatchRow};
pub use patch::Patch;
pub use repository::{Find, Place, Repositories, Repository};
pub use sql_value::{ColumnType, Ordered, SqlValue};
pub use statement::{SharedValue, Statement, Value};
pub use table::{Field, Statements, Table};

pub use underpin_core::{ErrorKind, Id};
pub use underpin_pool::{ColumnSpec, FromRow, Values};
