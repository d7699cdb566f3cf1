//! pgbench, PostgreSQL's own load generator: C, statements prepared, answers thrown away.

use crate::address::Address;
use crate::burst::{Burst, Contestant, Latency};
use crate::peer::unsupported;
use crate::scenario::{Scenario, Work};
use crate::tables::{ACCOUNTS, DOCUMENT, DOCUMENTS};
use crate::usage;
use anyhow::{Context, ensure};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// Transactions of each client in the first run of a scenario, from which the next runs' length is computed.
const FIRST_TRANSACTIONS: f64 = 200.0;
/// Shorter runs would be about starting a process and opening its connections.
const LENGTH_MIN: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Pgbench {
    program: PathBuf,
    address: Address,
    connections: usize,
    /// Transactions per second, by scenario.
    rates: Mutex<HashMap<&'static str, f64>>,
    folder: TempDir,
}

impl Pgbench {
    pub(crate) fn open(
        program: PathBuf,
        address: &Address,
        connections: usize,
    ) -> anyhow::Result<Self> {
        let version = Command::new(&program).arg("--version").output();
        let version = version.with_context(|| {
            format!(
                "{} does not run; Debian has it in the package postgresql-contrib",
                program.display()
            )
        })?;
        ensure!(version.status.success(), "pgbench --version failed");
        Ok(Self {
            program,
            address: address.clone(),
            connections,
            rates: Mutex::default(),
            folder: tempfile::tempdir()?,
        })
    }

    fn run(&self, scenario: &Scenario, length: Duration) -> anyhow::Result<Burst> {
        let Some(script) = script(scenario.work) else {
            return unsupported();
        };
        let clients = scenario.tasks.min(self.connections);
        let known = self.rates().get(scenario.name).copied();
        let transactions = known.map_or(FIRST_TRANSACTIONS, |rate| {
            let seconds = length.max(LENGTH_MIN).as_secs_f64();
            (rate * seconds / clients as f64).max(1.0).ceil()
        });
        let file = self.folder.path().join("script.sql");
        fs::write(&file, script)?;
        let mut command = Command::new(&self.program);
        command
            .args(["--no-vacuum", "--protocol=prepared", "--file"])
            .arg(&file)
            .args(["--client", &clients.to_string()])
            .args(["--jobs", &clients.min(2).to_string()])
            .args(["--transactions", &transactions.to_string()])
            .current_dir(self.folder.path());
        if clients == 1 {
            command.args(["--log", "--log-prefix=times"]);
        }
        self.address.tell(&mut command);
        let output = command.output().context("could not run pgbench")?;
        ensure!(
            output.status.success(),
            "pgbench failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = number_after(&text, "tps = ").context("pgbench printed no tps")?;
        self.rates().insert(scenario.name, rate);
        let operations = transactions * clients as f64;
        Ok(Burst {
            operations: operations as u64,
            elapsed: Duration::from_secs_f64(operations / rate),
            latency: times(self.folder.path())?,
            reports: 0,
        })
    }

    fn rates(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, f64>> {
        self.rates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contestant for Pgbench {
    fn burst<'a>(
        &'a self,
        scenario: &'a Scenario,
        length: Duration,
    ) -> BoxFuture<'a, anyhow::Result<Burst>> {
        Box::pin(async move { tokio::task::block_in_place(|| self.run(scenario, length)) })
    }

    fn cpu(&self) -> Duration {
        usage::cpu_of_ended_children()
    }
}

/// Its language has its own random numbers and variables.
fn script(work: Work) -> Option<String> {
    match work {
        Work::Document => {
            let statement = DOCUMENT.replace("$1", ":id");
            Some(format!("\\set id random(1, {DOCUMENTS})\n{statement};\n"))
        }
        Work::Insert => Some(String::from(
            "\\set n random(1, 1000000)\n\
             INSERT INTO event (public_id, owner_id, title, amount, is_active, happened_at) VALUES \
             ('00000000-0000-4000-8000-000000000001', :n, 'Event number 123456 of the benchmark', :n / 3.0, true, \
             '2026-01-01 00:00:00+00');\n",
        )),
        Work::Transaction => Some(format!(
            "\\set id random(1, {ACCOUNTS})\n\
             BEGIN;\n\
             SELECT balance FROM account WHERE id = :id FOR UPDATE \\gset\n\
             \\set balance :balance + 1\n\
             UPDATE account SET balance = :balance WHERE id = :id;\n\
             COMMIT;\n"
        )),
        Work::Documents(_)
        | Work::List(_)
        | Work::Patch
        | Work::Create
        | Work::InsertMany(_)
        | Work::Relations(_)
        | Work::Checkout
        | Work::Connect
        | Work::Beside(_) => None,
    }
}

fn number_after(text: &str, label: &str) -> Option<f64> {
    let rest = text.split(label).nth(1)?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Reads and removes the log of times, `client transaction microseconds …`, when there is one.
fn times(folder: &Path) -> anyhow::Result<Option<Latency>> {
    let mut times = Vec::new();
    for entry in fs::read_dir(folder)?.flatten() {
        if !entry.file_name().to_string_lossy().starts_with("times.") {
            continue;
        }
        let log = fs::read_to_string(entry.path())?;
        let microseconds = log
            .lines()
            .filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok());
        times.extend(microseconds.map(|time| time * 1000));
        fs::remove_file(entry.path())?;
    }
    Ok(Latency::of(times))
}
