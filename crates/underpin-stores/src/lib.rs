#![doc = include_str!("../README.md")]

mod error;
pub mod registry;

pub use error::Error;

/// The migrations that make the stores' tables: a chain for `underpin_migrate::Chain::embedded`.
pub static MIGRATIONS: include_dir::Dir<'static> =
    include_dir::include_dir!("$CARGO_MANIFEST_DIR/migrations");
