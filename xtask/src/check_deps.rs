//! `cargo xtask check-deps`: the arrows between the crates, and rules that no lint can express.

mod flattened;
mod manifests;

use crate::shell;
use anyhow::bail;

/// What each crate may depend on among ours. Arrows go down only; a new one is its own commit and a line in ARCHITECTURE.md.
const ARROWS: [(&str, &[&str]); 14] = [
    ("underpin-core", &[]),
    ("underpin-pool", &["underpin-core"]),
    ("underpin-local", &["underpin-core"]),
    (
        "underpin-migrate",
        &["underpin-core", "underpin-pool", "underpin-schema"],
    ),
    ("underpin-derive", &[]),
    ("underpin-schema", &["underpin-core", "underpin-pool"]),
    (
        "underpin-model",
        &[
            "underpin-core",
            "underpin-derive",
            "underpin-pool",
            "underpin-schema",
        ],
    ),
    (
        "underpin-stores",
        &["underpin-core", "underpin-pool", "underpin-model"],
    ),
    (
        "underpin-server",
        &[
            "underpin-core",
            "underpin-pool",
            "underpin-migrate",
            "underpin-model",
            "underpin-stores",
        ],
    ),
    (
        "underpin-cli",
        &[
            "underpin-core",
            "underpin-pool",
            "underpin-local",
            "underpin-migrate",
            "underpin-model",
            "underpin-schema",
            "underpin-stores",
            "underpin-server",
        ],
    ),
    (
        "underpin",
        &[
            "underpin-cli",
            "underpin-core",
            "underpin-pool",
            "underpin-local",
            "underpin-schema",
            "underpin-derive",
            "underpin-model",
            "underpin-migrate",
            "underpin-stores",
            "underpin-server",
        ],
    ),
    ("notes", &["underpin"]),
    (
        "underpin-testkit",
        &[
            "underpin-core",
            "underpin-pool",
            "underpin-local",
            "underpin-migrate",
        ],
    ),
    ("xtask", &[]),
];

/// What tests may use beside that: the test kit, and what makes and reads the tables they work on.
const TEST_ARROWS: [&str; 3] = ["underpin-testkit", "underpin-migrate", "underpin-schema"];

/// A foreign crate that only some of ours may name: (foreign, ours). Examples are users' programs, and free.
const OWNED: [(&str, &[&str]); 4] = [
    ("postgres-protocol", &["underpin-pool"]),
    ("figment", &["underpin-core"]),
    // The facade re-exports it, so that a service names the version that the handlers are written for.
    ("axum", &["underpin-server", "underpin"]),
    ("clap", &["underpin-cli"]),
];

pub(crate) fn run() -> anyhow::Result<()> {
    let packages = manifests::read()?;
    let mut findings = Vec::new();
    for package in &packages {
        findings.extend(package.findings(&ARROWS, &OWNED));
    }
    findings.extend(flattened::findings(&shell::root())?);
    for finding in &findings {
        shell::say(format_args!("check-deps: {finding}"));
    }
    if !findings.is_empty() {
        bail!("{} broken rules", findings.len());
    }
    shell::say(format_args!(
        "check-deps: {} crates, every arrow goes down",
        packages.len()
    ));
    Ok(())
}
