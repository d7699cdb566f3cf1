//! Holds the shared test cluster for a whole test run.
//!
//! `testkit-cluster` starts or attaches to it, prints `ready`, stays until its standard input ends, then stops it unless
//! another run uses it. `testkit-cluster stop` stops one that a plain `cargo nextest run` left running.

use std::process::ExitCode;
use underpin_core::{Chain, ErrorKind};

#[tokio::main(flavor = "current_thread")]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for xtask, which reads `ready`"
)]
async fn main() -> ExitCode {
    let only_stop = std::env::args()
        .nth(1)
        .is_some_and(|argument| argument == "stop");
    if !only_stop {
        underpin_testkit::hold_shared_cluster(|cluster| {
            println!("ready {} pg{}", cluster.port(), cluster.major())
        })
        .await;
    }
    match underpin_testkit::stop_shared_cluster().await {
        Ok(outcome) => println!("{outcome:?}"),
        Err(error) if error.kind() == ErrorKind::Refused => println!("in use by another run"),
        Err(error) => {
            eprintln!("error: {}", Chain(&error));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
