#![doc = include_str!("../README.md")]

mod account;
mod binaries;
mod cluster;
mod create;
mod error;
pub mod install;
mod launch;
mod layout;
mod lock;
mod log;
mod password;
mod places;
mod postmaster;
mod process;
mod record;
mod search;
mod settings;
mod shutdown;
mod socket;
mod wait;

pub use binaries::{Binaries, SUPPORTED_MAJORS};
pub use cluster::{Cluster, Stopped, stop};
pub use error::Error;
pub use places::{default_cache_dir, default_data_dir};
pub use settings::{DATABASE, Lifetime, START_DEADLINE, STOP_DEADLINE, Settings};
