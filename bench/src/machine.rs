//! What the numbers were measured on.

use std::fs;

const LOCK: &str = include_str!("../Cargo.lock");

/// Whose versions are told.
const CRATES: [&str; 9] = [
    "underpin-pool",
    "tokio-postgres",
    "deadpool-postgres",
    "sqlx",
    "sea-orm",
    "diesel",
    "diesel-async",
    "deadpool",
    "tokio",
];

/// Processor, memory and kernel.
pub fn description() -> String {
    let cpu =
        line_of("/proc/cpuinfo", "model name").unwrap_or_else(|| String::from("unknown processor"));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = line_of("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes / 1_000_000);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cpu}, {cores} cores, {memory} GB, Linux {}", kernel.trim())
}

/// How many tasks ran or wanted to on average over the last minute.
pub fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or_default()
}

/// The versions in the lock file of this workspace.
pub fn versions() -> String {
    let version = |name: &str| {
        let start = format!("name = \"{name}\"\nversion = \"");
        let rest = LOCK.split(start.as_str()).nth(1)?;
        Some(format!("{name} {}", rest.split('"').next()?))
    };
    CRATES
        .iter()
        .filter_map(|name| version(name))
        .collect::<Vec<_>>()
        .join(", ")
}

fn line_of(file: &str, label: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(label))?;
    Some(line.trim_start_matches([' ', '\t', ':']).to_owned())
}
