#![doc = include_str!("../README.md")]

mod cluster;
mod interrupt;
mod scratch;
mod settings;
mod start;

mod binaries;
pub mod install;
mod search;

mod account;
mod create;
mod launch;
mod log;
mod password;
mod roles;
mod shutdown;
mod socket;

mod layout;
mod lock;
mod postmaster;
mod record;

mod error;
mod files;
mod places;
mod process;
mod program;
mod wait;

pub use binaries::{Binaries, SUPPORTED_MAJORS};
pub use cluster::{Cluster, Stopped, stop};
pub use error::Error;
pub use interrupt::Interrupt;
pub use places::{default_cache_dir, default_data_dir};
pub use settings::{DATABASE, Lifetime, START_DEADLINE, STOP_DEADLINE, Settings};
