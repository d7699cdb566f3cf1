//! `cargo xtask ci`: everything that can be checked without running a test.

use crate::{check_deps, r#gen, shell};

pub(crate) fn run() -> anyhow::Result<()> {
    shell::step("format", &mut shell::cargo(["fmt", "--all", "--check"]))?;
    shell::timed("arrows", check_deps::run)?;
    shell::step(
        "clippy",
        &mut shell::cargo([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    documentation(&["--package", "underpin-cli", "--bin", "underpin"])?;
    documentation(&["--workspace"])?;
    shell::timed("generated pages", || {
        r#gen::run(&r#gen::Args { check: true })
    })?;
    licences()
}

/// The binary's comes first: the facade's has the same name and is the one to be read.
fn documentation(selected: &[&str]) -> anyhow::Result<()> {
    let mut doc = shell::cargo(["doc", "--no-deps", "--document-private-items", "--locked"]);
    shell::step(
        "documentation",
        doc.args(selected).env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// cargo-deny is a check of the lock file; where it is not installed, the machine that has it will find what is wrong.
fn licences() -> anyhow::Result<()> {
    if !shell::succeeds(&mut shell::cargo(["deny", "--version"])) {
        shell::say(
            "== licences: skipped, cargo-deny is not installed (`cargo install --locked cargo-deny`)",
        );
        return Ok(());
    }
    shell::step(
        "licences",
        &mut shell::cargo([
            "deny",
            "--all-features",
            "check",
            "bans",
            "licenses",
            "sources",
        ]),
    )
}
