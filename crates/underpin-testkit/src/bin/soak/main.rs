//! Random faults against writers with ids of their own, on a PostgreSQL of its own: `cargo xtask soak`.
//!
//! `soak MINUTES [SEED]` proves that what was acknowledged is there and nothing is there twice, by statements, transactions
//! shared between tasks, savepoints, streams and COPY, beside long reports, bursts of short statements, and borrowers that
//! change their session. It prints what happened and a closing line, and fails when the proof does, when anything hangs, or
//! when memory grows. A seed repeats the faults, not the races.

mod conductor;
mod fault;
mod judge;
mod ledger;
mod memory;
mod others;
mod report;
mod stage;
mod way;
mod writer;

use report::say;
use std::fmt::Display;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use underpin_core::{Chain, ErrorKind};

underpin_core::define_error! {
    /// Why there is no verdict.
    pub struct Error;
}

impl Error {
    fn late(what: impl Display, deadline: Duration) -> Self {
        Self::new(
            ErrorKind::Timeout,
            format!("waited {deadline:?} in vain for {what}"),
        )
    }
}

/// How long, and with which faults.
#[derive(Debug, Clone, Copy)]
struct Task {
    length: Duration,
    seed: u64,
}

impl Task {
    /// `MINUTES [SEED]`; without a seed a random one.
    fn from(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let minutes: f64 = arguments.next()?.parse().ok()?;
        let seed = arguments.next().map(|seed| seed.parse());
        Some(Self {
            length: Duration::try_from_secs_f64(minutes * 60.0).ok()?,
            seed: seed.transpose().ok()?.unwrap_or_else(rand::random),
        })
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(format_args!("error: {}", Chain(&error)));
            if let Some(hint) = error.hint() {
                say(format_args!("\nhint: {hint}"));
            }
            ExitCode::FAILURE
        }
    }
}

/// Writers and pool have a runtime of their own: should they keep all its threads busy, the conductor still notices.
fn run() -> Result<bool, Error> {
    let task = Task::from(std::env::args().skip(1)).ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, "wrong arguments").with_hint("soak MINUTES [SEED]")
    })?;
    let writers = runtime(&mut Builder::new_multi_thread())?;
    let outcome = runtime(&mut Builder::new_current_thread())?
        .block_on(conductor::conduct(task, writers.handle()));
    // Not awaited: what hangs there was reported.
    writers.shutdown_background();
    outcome
}

fn runtime(builder: &mut Builder) -> Result<Runtime, Error> {
    let built = builder.enable_all().build();
    built.map_err(|cause| {
        Error::new(ErrorKind::OutOfResources, "no threads for a runtime").with_source(cause)
    })
}
