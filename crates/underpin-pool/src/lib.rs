#![doc = include_str!("../README.md")]

pub mod blocking;
mod connect;
mod copy;
mod copy_text;
mod database;
mod dial;
mod encode;
mod error;
mod exact;
mod executor;
mod footprint;
mod from_row;
mod inbox;
mod lane;
mod listen;
mod normalise;
mod nul;
mod options;
mod pool;
mod pooler;
mod race;
mod read_pool;
mod retry;
mod row;
mod rows;
mod rust_type;
mod savepoint;
mod session;
mod socket;
pub mod spawn;
pub mod sqlstate;
mod stream;
mod telemetry;
mod tls;
mod transaction;
mod transaction_handle;
mod wire;

pub use copy::{CopyIn, quote_identifier};
pub use database::Database;
pub use error::{Error, ServerError};
pub use exact::from_sql_exact;
pub use executor::Executor;
pub use from_row::{ColumnSpec, FromRow, Values};
pub use listen::{Listener, Notification};
pub use nul::NulCharacter;
pub use options::Options;
pub use pool::{CloseReason, Status};
pub use postgres_types::{FromSql, ToSql, Type};
pub use read_pool::{Reads, ReplicaStatus, Replicas};
pub use row::{ColumnIndex, Row};
pub use savepoint::Savepoint;
pub use session::{ServerVersion, Session};
pub use stream::{CopyOut, RowStream};
pub use transaction::{Isolation, Transaction, TransactionOptions};
pub use transaction_handle::TransactionHandle;
pub use underpin_core::{DatabaseUrl, ErrorKind};

/// Bound parameters, `$1` first.
pub type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Bound parameters with their types, `$1` first, for statements that are run once: see [`Session::query_once`].
pub type TypedParams<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];
