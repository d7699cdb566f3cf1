//! The log of long-running commands: to stderr, pretty on a terminal, else one JSON object a line.

use crate::output::{clean_json, one_line};
use anyhow::Context as _;
use std::io::{self, IsTerminal, Write};
use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
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
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    let started = match format.unwrap_or(by_terminal) {
        LogFormat::Pretty => builder
            .with_writer(io::stderr)
            .with_ansi(is_terminal)
            .fmt_fields(debug_fn(field).delimited(" "))
            .try_init(),
        LogFormat::Json => builder
            .with_writer(|| Json(io::stderr()))
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("could not start logging: {error}"))
}

/// A field is one line, and nothing that a terminal obeys: the values are somebody else's.
fn field(writer: &mut Writer<'_>, field: &Field, value: &dyn std::fmt::Debug) -> std::fmt::Result {
    let value = one_line(format_args!("{value:?}"));
    match field.name() {
        "message" => write!(writer, "{value}"),
        name => write!(writer, "{name}={value}"),
    }
}

/// JSON lines that a terminal may have. Events are written whole.
struct Json<W>(W);

impl<W: Write> Write for Json<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let event_text = String::from_utf8_lossy(event);
        self.0.write_all(clean_json(&event_text).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
