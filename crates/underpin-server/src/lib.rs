#![doc = include_str!("../README.md")]

mod app;
mod connection;
mod error;
pub mod extract;
pub mod health;
mod layers;
mod listen;
mod metrics;
mod openapi;
mod problem;
mod ready;
mod router;
mod routes;
mod server;
mod settings;
mod startup;

pub use app::App;
pub use error::Error;
pub use health::Health;
pub use metrics::Metrics;
pub use openapi::openapi;
pub use problem::{PROBLEM_JSON, Problem, status_of};
pub use server::{Bound, Server};
pub use settings::Settings;
pub use startup::{migrate, migrations, run_deferred};
