//! The soak program, short: `cargo xtask soak` runs it for longer.

use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// About eight faults of ten; which ones, the seed says.
const MINUTES: &str = "0.3";
const SEED: &str = "3";
/// Starting, the run, the slowest recoveries, the final read.
const DEADLINE: Duration = Duration::from_secs(150);

#[tokio::test]
async fn short_soak_loses_nothing_and_writes_nothing_twice() {
    let soak = Command::new(env!("CARGO_BIN_EXE_soak"))
        .args([MINUTES, SEED])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(DEADLINE, soak)
        .await
        .expect("the soak ends by itself")
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let closing = said.lines().last().unwrap_or_default();
    assert!(
        closing.contains("acknowledged and missing = 0, written twice = 0,"),
        "{said}"
    );
    assert!(!closing.contains(" 0 faults"), "{said}");
}
