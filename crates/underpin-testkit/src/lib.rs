#![doc = include_str!("../README.md")]

mod admin;
mod black_hole;
mod cancel;
mod database;
mod languages;
mod leaks;
mod part;
mod pgbouncer;
mod place;
mod private;
mod proxy;
mod replica;
mod runtime;
mod shared;
mod template;
mod wait;

pub use black_hole::BlackHole;
pub use cancel::cancel_after;
pub use database::TestDb;
pub use languages::{in_language, languages};
pub use part::part_of;
pub use pgbouncer::{PgBouncer, PgBouncerSettings, PoolMode};
pub use place::{settings, temporary_folder, wanted_major};
pub use private::{PrivateCluster, private_cluster, private_cluster_with};
pub use proxy::{ChaosProxy, Mode};
pub use shared::{hold_shared_cluster, shared_cluster, shared_settings, stop_shared_cluster};
pub use tempfile::TempDir as TemporaryFolder;
pub use wait::{wait_for, wait_until};
