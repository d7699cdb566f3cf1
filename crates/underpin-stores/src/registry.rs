//! The registry of MCP servers: documents checked and kept verbatim, versions in order, pages that hold still.

mod canonical;
mod cursor;
mod document;
mod examples;
mod export;
mod fault;
mod import;
mod item;
mod legacy;
mod models;
mod publish;
mod query;
mod read;
mod server;
mod sized;
mod strict;
mod validate;
mod version;

pub use document::{DOCUMENT_BYTES_MAX, Document};
pub use examples::{examples, seed_examples};
pub use export::{Format, export};
pub use fault::Fault;
pub use import::{FILE_BYTES_MAX, Importer, Problem, Report, Source, Verdict, check, files};
pub use item::{Item, ItemRequest, Protocol, item, items};
pub use publish::{Outcome, publish};
pub use query::{ListQuery, ListRequest, PAGE_DEFAULT, PAGE_MAX, SEARCH_CHARS_MAX};
pub use read::{Page, VERSIONS_PAGE_MAX, VersionsRequest, count, get, list, versions};
pub use server::{ServerVersion, Status, Verbatim};
pub use sized::PAGE_BYTES_MAX;
pub use validate::{is_name, validate};
pub use version::{VERSION_CHARS_MAX, is_range, is_semantic};
