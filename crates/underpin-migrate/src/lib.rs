#![doc = include_str!("../README.md")]

pub mod adopt;
pub mod check;
pub mod diff;
pub mod docs;
pub mod files;
pub mod lint;
pub mod sql;
pub mod squash;
pub mod verify;

mod checksum;
mod compare;
mod data;
mod error;
mod execute;
mod history;
mod hook;
mod ledger;
mod loss;
mod plan;
mod progress;
mod readiness;
mod resume;
mod runner;
mod settings;
mod status;

pub use checksum::Hash;
pub use compare::State;
pub use data::{Batch, Batches, BoxError, DataMigration};
pub use error::Error;
pub use files::{Chain, Direction, Migration, Repeatable, Slug, SqlHook, Version};
pub use history::{HistoryEntry, HistoryStatement, Replaced};
pub use hook::{Hook, Moment};
pub use loss::{DataLoss, Kept, Loss, Lost, Restored};
pub use plan::{Plan, Preview, RepeatableState, Step, Target};
pub use progress::{Event, Logged, Progress, Silent};
pub use readiness::Readiness;
pub use resume::{Decision, Resume};
pub use runner::{
    Build, Ensured, Migrator, Ran, Report, Underway, readiness_on_session, status_on_session,
    underway_on_session,
};
pub use settings::Settings;
pub use status::{DataProgress, Failed, Interrupted, RepeatableStanding, Standing, Status};
