//! What a peer allocates and keeps in memory: asked in a process of its own, the program `probe`.

use crate::address::Address;
use crate::peers::Entry;
use crate::report::number;
use crate::table::Table;
use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// How long a peer's probe may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the program prints, as JSON. None where the peer has no form for it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Probe {
    pub document: Option<Allocated>,
    pub row: Option<Allocated>,
    pub list: Option<Allocated>,
    pub patch: Option<Allocated>,
    pub create: Option<Allocated>,
    pub insert: Option<Allocated>,
    pub transaction: Option<Allocated>,
    pub checkout: Option<Allocated>,
    /// With all connections open and used.
    pub memory_kb: u64,
    /// After results of 10,000 rows.
    pub peak_kb: u64,
}

/// Per operation, reallocations included.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Allocated {
    pub count: f64,
    pub bytes: f64,
}

/// Probes one peer.
pub async fn run(entry: &Entry, address: &Address, connections: usize) -> anyhow::Result<Probe> {
    let program = std::env::current_exe()?.with_file_name("probe");
    let output = Command::new(program)
        .args([entry.name, &connections.to_string()])
        .env("BENCH_URL", address.url())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output();
    let output = timeout(DEADLINE, output)
        .await
        .context("the probe took too long")??;
    ensure!(
        output.status.success(),
        "the probe ended with {}",
        output.status
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

pub fn table(probes: &[(&'static Entry, Probe)]) -> Table {
    let row = |(entry, probe): &(&'static Entry, Probe)| {
        let counts = [
            probe.document,
            probe.row,
            probe.list,
            probe.patch,
            probe.create,
            probe.insert,
            probe.transaction,
            probe.checkout,
        ];
        let mut cells = vec![entry.name.to_owned()];
        cells.extend(counts.map(|allocated| cell(allocated.map(|allocated| allocated.count))));
        cells.push(cell(probe.document.map(|allocated| allocated.bytes)));
        cells.push(cell(probe.row.map(|allocated| allocated.bytes)));
        cells.push(number(probe.memory_kb as f64 / 1000.0));
        cells.push(number(probe.peak_kb as f64 / 1000.0));
        cells
    };
    Table {
        title: String::from(
            "memory: allocations an operation, one task; and the resident memory of the process",
        ),
        head: vec![
            "peer",
            "one row",
            "a row of 10,000",
            "list of 50",
            "patch",
            "create",
            "insert",
            "transaction",
            "checkout",
            "bytes, one row",
            "bytes, a row of 10,000",
            "MB, connections open",
            "MB, peak",
        ],
        rows: probes.iter().map(row).collect(),
    }
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| String::from("–"), number)
}
