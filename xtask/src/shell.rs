//! Runs other programs, says so, and says how long they took.

use anyhow::{Context, bail};
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf)
}

/// A program of this workspace, built beside this one.
pub(crate) fn built(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("could not find the folder of xtask")?;
    Ok(own.with_file_name(name))
}

/// Prints a line to stderr.
pub(crate) fn say(line: impl Display) {
    // A closed stderr must not stop the work.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A program, run from the root of the workspace.
pub(crate) fn program<A: AsRef<OsStr>>(
    name: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    command
}

/// The cargo that runs this, without what `cargo run` said about xtask: build scripts that look at those variables would
/// run again, and everything above them be built again, at each change between the two.
pub(crate) fn cargo<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = program(env!("CARGO"), arguments);
    for name in variables_about_xtask() {
        command.env_remove(name);
    }
    command
}

#[expect(
    clippy::disallowed_methods,
    reason = "looks for names that cargo set, not for a setting of the product"
)]
fn variables_about_xtask() -> impl Iterator<Item = OsString> {
    const PREFIXES: [&str; 4] = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    let is_about_xtask = |name: &OsString| {
        let name = name.to_string_lossy();
        PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(move |name| is_about_xtask(name))
}

/// Runs one named step, which must succeed; prints the command first and the time after.
pub(crate) fn step(name: &str, command: &mut Command) -> anyhow::Result<()> {
    timed(name, || {
        say(format_args!("$ {}", shown(command)));
        run(command)
    })
}

/// Does one named step and prints how long it took.
pub(crate) fn timed<T>(name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    say(format_args!("== {name}"));
    let start = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { "ok" } else { "FAILED" };
    say(format_args!(
        "== {name}: {outcome} in {:.1} s",
        start.elapsed().as_secs_f64()
    ));
    result
}

/// Runs a program to its end; it must succeed.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("could not run {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// What a program prints to stdout; it must succeed, its stderr is passed through.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not run {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} did not print UTF-8", shown(command)))
}

/// Does this program run and succeed? Its output goes nowhere.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let mut words = vec![
        Path::new(command.get_program())
            .file_name()
            .unwrap_or_default(),
    ];
    words.extend(command.get_args());
    words
        .iter()
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
