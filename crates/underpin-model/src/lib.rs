#![doc = include_str!("../README.md")]

mod actor;
mod aggregate;
mod any_column;
mod array;
mod base;
mod changes;
mod column;
mod create_tables;
mod cursor;
#[doc(hidden)]
pub mod derive;
mod doing;
mod error;
mod facts;
mod fault;
mod field;
mod filter;
mod index;
mod keyset;
mod kind;
mod model;
mod order;
mod page;
mod patch;
mod query_parts;
mod query_string;
mod query_test;
mod relation;
mod renames;
mod repository;
mod rule;
mod search;
mod sql_value;
mod statement;
mod table;
mod types;
mod validate;
mod violation;

pub use actor::Actor;
pub use aggregate::{GROUPS_MAX, Number};
pub use any_column::{AnyColumn, ValueType};
pub use base::Base;
pub use changes::{Change, Changes, Fields};
pub use column::Column;
pub use create_tables::create_tables;
pub use cursor::{CURSOR_CHARS_MAX, Cursor};
pub use error::Error;
pub use facts::{Registered, models, models_of, schema_of, schema_of_models};
pub use fault::{Fault, FaultKind};
pub use field::{Field, Identity, Insert};
pub use filter::{Contain, Filter, JsonPath, JsonValue, Overlap, Textual, escape_like};
#[cfg(feature = "vector")]
pub use filter::{Distance, Embedding};
pub use index::{CheckConstraint, Index, IndexKey, IndexTarget, Reference};
pub use kind::Kind;
pub use model::{Model, NewRow, PatchRow};
pub use order::Order;
pub use page::{PAGE_ROWS_MAX, Page, PageRequest};
pub use patch::Patch;
pub use patch::Patch::{Keep, Set};
pub use query_string::{ListQuery, QueryRules};
pub use relation::ForeignId;
pub use repository::{
    ALL_ROWS_MAX, Find, Place, Repositories, Repository, Transactional, UniqueKey,
};
pub use rule::Rule;
pub use search::SEARCH_CHARS_MAX;
pub use sql_value::{ColumnType, Ordered, SqlValue};
pub use statement::{SharedValue, Statement, Value};
pub use table::{Statements, Table};
pub use types::{
    Attribute, Attributes, Blank, DbComposite, DbDomain, DbEnum, DbType, DbValue, Interval,
    InvalidLabel, Json, Lexeme, Range, RangeElement, TsVector,
};
#[cfg(feature = "vector")]
pub use types::{HalfVector, Vector};

pub use underpin_derive::{DbComposite, DbDomain, DbEnum, FromRow, Model};
pub use underpin_schema::Action;

pub use underpin_core::{ErrorKind, Id};
pub use underpin_pool::{ColumnSpec, FromRow, Values};
