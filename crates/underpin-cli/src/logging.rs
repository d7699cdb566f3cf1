//! The log of long-running commands: to stderr, pretty on a terminal, else one JSON object a line.

use anyhow::Context as _;
use std::io::{self, IsTerminal};
use tracing_subscriber::filter::EnvFilter;
use underpin_core::config::{LogFormat, LogSettings};

/// Starts logging for the whole process; commands that only print a result do not log.
pub(crate) fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let LogSettings { level, format } = settings;
    let filter = EnvFilter::builder()
        .parse(level)
        .with_context(|| format!("log.level is not a filter: {level}"))?;
    let is_terminal = io::stderr().is_terminal();
    let by_terminal = if is_terminal {
        LogFormat::Pretty
    } else {
        LogFormat::Json
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = match format.unwrap_or(by_terminal) {
        LogFormat::Pretty => builder.with_ansi(is_terminal).try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("could not start logging: {error}"))
}
