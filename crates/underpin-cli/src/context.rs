//! What a command works with: settings, the database, the embedded cluster; each opened when first asked for.

use crate::args::Global;
use crate::output::{Output, Progress};
use serde::Serialize;
use std::fmt::Display;
use std::sync::OnceLock;
use underpin_core::Config;

/// Handed to every command.
#[derive(Debug)]
pub(crate) struct Context {
    /// Print the result as JSON.
    pub(crate) json: bool,
    /// No notes, no progress; [`Context::note`] and [`Context::progress`] obey it themselves.
    pub(crate) quiet: bool,
    /// The global options as typed.
    pub(crate) global: Global,
    output: Output,
    config: OnceLock<Config>,
}

impl Context {
    /// Nothing is read or opened yet.
    pub(crate) fn new(global: Global, output: Output) -> Self {
        Self {
            json: global.json,
            quiet: global.quiet,
            global,
            output,
            config: OnceLock::new(),
        }
    }

    /// All settings, read on the first call.
    pub(crate) fn config(&self) -> anyhow::Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = load(&self.global)?;
        Ok(self.config.get_or_init(|| config))
    }

    /// Lets go of the embedded cluster; stops it when it was started here and nobody else uses it.
    pub(crate) async fn shutdown(&self) {}

    /// May results carry colour?
    pub(crate) fn color(&self) -> bool {
        self.output.color()
    }

    /// Prints a line of the result to stdout.
    pub(crate) fn out(&self, line: impl Display) -> anyhow::Result<()> {
        self.output.out(line)
    }

    /// Prints the result as JSON to stdout.
    pub(crate) fn out_json(&self, value: &impl Serialize) -> anyhow::Result<()> {
        self.output.out_json(value)
    }

    /// Tells what is being done, on stderr; `--quiet` silences it.
    pub(crate) fn note(&self, line: impl Display) {
        self.output.note(line);
    }

    /// Shows long work: a bar on a terminal, plain lines elsewhere, nothing with `--quiet`.
    pub(crate) fn progress(&self, len: u64, label: &str) -> Progress {
        self.output.progress(len, label)
    }
}

fn load(_global: &Global) -> anyhow::Result<Config> {
    anyhow::bail!("Config::load has not landed yet")
}
