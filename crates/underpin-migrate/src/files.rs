//! Migration files: their names, their header options, the chains they form, and writing new ones.

mod chain;
mod create;
mod found;
mod graph;
mod header;
mod hook;
mod migration;
mod name;
mod place;
mod repeatable;
mod sum;
mod unread;
mod version;

pub use chain::Chain;
pub use create::{Created, Text, create};
pub use header::{Allow, Header, Phase};
pub use hook::SqlHook;
pub use migration::{Direction, Migration, Script};
pub use name::Slug;
pub use repeatable::Repeatable;
pub use sum::{Change, SUM_FILE, Summed, write_sum};
pub use unread::{sql_folders, unread_folders};
pub use version::Version;

pub(crate) use graph::Graph;
pub(crate) use migration::no_way_back;
pub(crate) use name::FileName;
pub(crate) use place::{Lines, Place};
pub(crate) use sum::{check_if_summed, update_sum};
