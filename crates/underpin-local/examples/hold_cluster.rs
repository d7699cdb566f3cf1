//! Holds a local cluster until standard input ends: `cargo run -p underpin-local --example hold_cluster -- FOLDER`.
//!
//! Run it twice on the same folder to see one process start the server and the other attach, and the last one stop it.
//! The crate's tests run it to have processes that they can kill.

use std::process::ExitCode;
use underpin_core::Chain;
use underpin_local::{Cluster, Error, Settings};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "an example talks to its user")]
async fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: hold_cluster FOLDER");
        return ExitCode::from(2);
    };
    match hold(Settings::new(folder).without_durability()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "error: {}\nhint: {}",
                Chain(&error),
                error.hint().unwrap_or("none")
            );
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "an example talks to its user")]
async fn hold(settings: Settings) -> Result<(), Error> {
    let cluster = Cluster::start(settings).await?;
    println!(
        "{} {}",
        if cluster.started_by_us() {
            "started"
        } else {
            "attached"
        },
        cluster.pid()
    );
    // An error of the input is its end as well.
    let _ = tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await;
    println!("{:?}", cluster.stop().await?);
    Ok(())
}
