//! The log of long-running commands: to stderr, pretty on a terminal, else one JSON object a line.

use anyhow::Context as _;
use std::io::{self, IsTerminal};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use underpin_core::config::{LogFormat, LogSettings};

/// Crates that log the values of parameters below INFO.
const INDISCREET: [&str; 3] = ["tokio_postgres", "postgres_protocol", "postgres_types"];

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
    // Beside the user's filter, not within it: there a directive for a module would win over ours for its crate.
    let discreet = filter_fn(is_discreet);
    let started = match format.unwrap_or(by_terminal) {
        LogFormat::Pretty => {
            let pretty = builder.with_ansi(is_terminal);
            pretty.finish().with(discreet).try_init()
        }
        LogFormat::Json => {
            let json = builder.json().flatten_event(true).with_span_list(false);
            json.finish().with(discreet).try_init()
        }
    };
    started.map_err(|error| anyhow::anyhow!(error).context("could not start logging"))
}

/// May this be logged, whatever the user asks for?
fn is_discreet(what: &Metadata<'_>) -> bool {
    let of = |krate: &str| {
        let module = what.target().strip_prefix(krate);
        module.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    *what.level() <= Level::INFO || !INDISCREET.into_iter().any(of)
}
