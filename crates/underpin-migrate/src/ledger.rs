//! The ledger: what was run here, a row a migration and a row a statement, in the schema `underpin`.
//!
//! A migration's state and who moves it:
//!
//! ```text
//! (no row) ── first statement of up ──> applying ── last ──> applied
//! applied  ── first of down ──> reverting ── last ──> reverted ── first of up ──> applying
//! ```
//!
//! A statement that runs in a transaction is recorded by that transaction: there is a row exactly when it took effect.
//! One that runs alone is `started` before and `done` or `failed` after; `started` found later means that nobody saw
//! how it ended, and the catalog is asked. One that ends transactions as it goes stays `started`, with its error, when it
//! fails after the first: a part of it may stay, no catalog tells, and a person decides (`Settings::resume`).
//!
//! A row that a later run, a stamp or a rebless overwrites goes into `migration_history` first, statements included.

mod archive;
mod batches;
mod create;
mod read;
mod record;
mod repeatables;
mod squashed;
mod write;

pub(crate) use archive::{Archived, Cause, archive, read_archive};
pub(crate) use batches::{Far, forget_batches, write_batches};
pub(crate) use create::ensure;
pub(crate) use read::{read, read_chains, read_for, read_statements};
pub(crate) use record::{Ledger, Record, RecordState, StatementRecord, StatementState};
pub(crate) use repeatables::{RepeatableRecord, write_repeatable};
pub(crate) use write::{
    Entry, Origin, StatementEntry, forget_migration, write_migration, write_rebless,
    write_statements,
};

/// The version of the ledger that this program writes.
const VERSION: i32 = 3;
