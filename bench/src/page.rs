//! `docs/performance.md`.

use crate::args::{Args, Effort};
use crate::peers::ENTRIES;
use crate::server::SETTINGS;
use crate::table::Table;
use crate::{machine, tables};
use anyhow::Context;
use std::fs;
use std::path::Path;

/// What the run was, for the page and for the head of the printed report.
pub fn preamble(args: &Args, effort: Effort, server_version: &str) -> String {
    let settings: Vec<String> = SETTINGS
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let transport = if args.socket {
        "the Unix socket"
    } else {
        "loopback TCP"
    };
    let cores = if args.pin {
        ", clients on one core and the server on the other"
    } else {
        ""
    };
    format!(
        "Machine: {}. PostgreSQL {server_version} on the same machine{cores}, {transport}, {}. {}. \
         {} connections a pool, {} rounds of {} ms a peer, peers interleaved, medians.",
        machine::description(),
        settings.join(" "),
        machine::versions(),
        args.connections,
        effort.rounds,
        effort.length.as_millis(),
    )
}

/// Writes the page beside the product's other documents, and says which one it is.
pub fn write(
    args: &Args,
    preamble: &str,
    goals: &Table,
    tables: &[Table],
) -> anyhow::Result<&'static str> {
    let (title, file) = if args.pin {
        ("Performance on a core each", "docs/performance-pinned.md")
    } else {
        ("Performance", "docs/performance.md")
    };
    let mut page = format!(
        "# {title}\n\n\
         Written by `{}`; every number below comes from that one run. {preamble}\n\n\
         *Underpin is* says how many times as fast Underpin's pool as it comes is as the row: above 1 it wins, below 1 it \
         loses, whatever the scenario counts. *Spread* is the largest minus the smallest of the rounds in shares of the \
         median: a ratio closer to 1 than that says nothing. Processor time is per operation, of the client process and of \
         the server's processes. The row by key has {} columns; peers read it into a struct, except pgbench, which throws \
         it away.\n\n",
        Args::command(),
        tables::DOCUMENT
            .split(" FROM ")
            .next()
            .unwrap_or_default()
            .split(',')
            .count(),
    );
    page.push_str("| peer | what it is |\n| --- | --- |\n");
    for entry in &ENTRIES {
        page.push_str(&format!("| {} | {} |\n", entry.name, entry.about));
    }
    page.push('\n');
    page.push_str(&goals.markdown());
    for table in tables {
        page.push('\n');
        page.push_str(&table.markdown());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    fs::write(&path, page).with_context(|| format!("could not write {}", path.display()))?;
    Ok(file)
}
