//! Holds the shared test cluster for a whole test run.
//!
//! `testkit-cluster` starts or attaches to it, prints `ready <port> pg<major>`, stays until its standard input ends, then
//! stops it unless another run uses it. `testkit-cluster stop` stops one that a plain `cargo nextest run` left running.

use std::process::ExitCode;
use underpin_core::{Chain, ErrorKind};
use underpin_local::Error;
use underpin_testkit::{hold_shared_cluster, stop_shared_cluster};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "a program for xtask and for people")]
async fn main() -> ExitCode {
    let only_stop = std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "stop");
    match run(only_stop).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "error: {}\n\nhint: {}",
                Chain(&error),
                error.hint().unwrap_or("none")
            );
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "xtask reads `ready`")]
async fn run(only_stop: bool) -> Result<(), Error> {
    if !only_stop {
        hold_shared_cluster(|cluster| println!("ready {} pg{}", cluster.port(), cluster.major()))
            .await?;
    }
    match stop_shared_cluster().await {
        Ok(outcome) => println!("{outcome:?}"),
        Err(error) if error.kind() == ErrorKind::Refused => println!("in use by another run"),
        Err(error) => return Err(error),
    }
    Ok(())
}
