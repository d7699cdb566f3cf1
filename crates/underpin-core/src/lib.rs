#![doc = include_str!("../README.md")]

pub mod config;
mod count;
pub mod error;
pub mod file;
pub mod id;
pub mod secret;
pub mod trust;
pub mod url;

pub use config::Config;
pub use count::counted;
pub use error::{Chain, Diagnose, ErrorKind};
pub use id::Id;
pub use secret::Secret;
pub use url::DatabaseUrl;
