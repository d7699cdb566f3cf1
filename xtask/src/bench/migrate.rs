//! `cargo xtask bench migrate`: how long `migrate diff` takes for a thousand tables, and `migrate up` with nothing to do.

use super::median;
use crate::{postgres, shell};
use anyhow::{Context, bail};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const TABLES: usize = 1000;
/// The key, and those that `column_types` gives in turns.
const COLUMNS: usize = 20;
/// Every so many tables the target has a column more.
const CHANGED_EACH: usize = 100;
const MIGRATIONS: usize = 500;
/// What is printed is their median.
const ROUNDS: usize = 5;
/// A program's memory and processor time are looked at so often until it ends.
const LOOK_EACH: Duration = Duration::from_millis(1);

/// Options of `bench migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A server to measure `migrate diff` on as well, beside the cluster that Underpin makes
    #[arg(long, value_name = "URL")]
    scratch: Option<String>,
}

/// Writes the schemas, and measures the program as it is released, with clusters of its own.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let build = [
        "build",
        "--release",
        "--locked",
        "--package",
        "underpin-cli",
    ];
    shell::step("build", &mut shell::cargo(build))?;
    let underpin = shell::built("../release/underpin")?;
    postgres::prepare(&underpin)?;
    // Not below the workspace: as root the server runs as another user, who must be able to reach the folder.
    let folder = std::env::temp_dir().join(format!("underpin-bench-{}", std::process::id()));
    let site = Site { underpin, folder };
    let result = site.measure(args);
    let stopped = shell::run(
        site.program(["db", "stop", "--quiet"])
            .stdout(Stdio::null()),
    );
    let removed = fs::remove_dir_all(&site.folder).context("could not remove the cluster");
    result.and(stopped).and(removed)
}

/// Where a run has its files and its clusters.
struct Site {
    underpin: PathBuf,
    folder: PathBuf,
}

impl Site {
    fn measure(&self, args: &Args) -> anyhow::Result<()> {
        self.write_files()?;
        shell::run(
            self.program(["db", "start", "--quiet"])
                .stdout(Stdio::null()),
        )?;
        shell::run(self.program(UP).stdout(Stdio::null()))?;
        shell::say(format_args!(
            "{TABLES} tables of {COLUMNS} columns; {MIGRATIONS} migrations; median of {ROUNDS}: time, processor time and peak \
             memory of the program"
        ));
        self.row("diff, equal schemas", &self.diff("a.sql", None))?;
        self.row("diff, ten columns added", &self.diff("b.sql", None))?;
        if let Some(url) = &args.scratch {
            self.row("diff, equal, --scratch", &self.diff("a.sql", Some(url)))?;
            self.row(
                "diff, ten columns, --scratch",
                &self.diff("b.sql", Some(url)),
            )?;
        }
        self.row("up, nothing to do", &UP.map(String::from))
    }

    fn diff(&self, target: &str, scratch: Option<&str>) -> Vec<String> {
        let source = |name: &str| format!("file:{}", self.folder.join(name).display());
        let mut words: Vec<String> = ["migrate", "diff", "--from"].map(String::from).into();
        words.extend([source("a.sql"), String::from("--to"), source(target)]);
        words.extend(scratch.map(|url| format!("--scratch={url}")));
        words
    }

    /// Measures a command and prints a line.
    fn row(&self, name: &str, words: &[String]) -> anyhow::Result<()> {
        let rounds = (0..ROUNDS).map(|_| watch(self.program(words).stdout(Stdio::null())));
        let rounds: Vec<Usage> = rounds.collect::<anyhow::Result<_>>()?;
        let elapsed = median(rounds.iter().map(|it| it.elapsed).collect());
        let cpu = median(rounds.iter().map(|it| it.cpu).collect());
        let memory = rounds.iter().map(|it| it.memory_kb).max();
        shell::say(format_args!(
            "  {name:<28} {:8.3} s {:6.2} s {:5} MB",
            elapsed.as_secs_f64(),
            cpu.as_secs_f64(),
            memory.unwrap_or_default() / 1024
        ));
        Ok(())
    }

    /// Underpin, with everything it keeps in the folder.
    fn program<A: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(&self.underpin);
        command
            .args(words)
            .current_dir(&self.folder)
            .env("UNDERPIN_DATA_DIR", self.folder.join("cluster"))
            .env_remove("DATABASE_URL");
        command
    }

    fn write_files(&self) -> anyhow::Result<()> {
        let migrations = self.folder.join("migrations");
        fs::create_dir_all(&migrations).context("could not make a folder for the files")?;
        write(&self.folder.join("a.sql"), &schema(|_| false))?;
        write(
            &self.folder.join("b.sql"),
            &schema(|table| table % CHANGED_EACH == 0),
        )?;
        for number in 0..MIGRATIONS {
            let name = format!("{:014}_m{number}.up.sql", 20_260_101_000_000 + number);
            let text = format!("CREATE TABLE m{number} (id bigint PRIMARY KEY);\n");
            write(&migrations.join(name), &text)?;
        }
        Ok(())
    }
}

const UP: [&str; 3] = ["migrate", "up", "--quiet"];

fn schema(has_more: impl Fn(usize) -> bool) -> String {
    const TYPES: [&str; 5] = [
        "integer",
        "text NOT NULL",
        "timestamptz DEFAULT now()",
        "numeric(10, 2)",
        "boolean NOT NULL DEFAULT false",
    ];
    let mut sql = String::new();
    for table in 0..TABLES {
        let types = TYPES.iter().cycle().take(COLUMNS - 1).enumerate();
        let columns: String = types
            .map(|(number, it)| format!(",\n  c{number} {it}"))
            .collect();
        let more = if has_more(table) {
            ",\n  extra text"
        } else {
            ""
        };
        let _ = writeln!(
            sql,
            "CREATE TABLE t{table} (\n  id bigint PRIMARY KEY{columns}{more}\n);\nCREATE INDEX t{table}_c1 ON t{table} (c1);"
        );
    }
    sql
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("could not write {}", path.display()))
}

/// What a program took.
struct Usage {
    elapsed: Duration,
    cpu: Duration,
    memory_kb: u64,
}

/// Runs a program to its end, and looks at it meanwhile: its servers are no part of it.
fn watch(command: &mut Command) -> anyhow::Result<Usage> {
    let start = Instant::now();
    let mut child = command.spawn().context("could not run underpin")?;
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let (mut cpu, mut memory_kb) = (Duration::ZERO, 0);
    let status = loop {
        if let Some(status) = child.try_wait().context("could not wait for underpin")? {
            break status;
        }
        // Nothing is read once the program has ended: what was seen last is what it took.
        cpu = cpu.max(cpu_of(&process).unwrap_or_default());
        memory_kb = memory_kb.max(peak_memory_kb(&process).unwrap_or_default());
        std::thread::sleep(LOOK_EACH);
    };
    let elapsed = start.elapsed();
    if !status.success() {
        bail!("underpin ended with {status}");
    }
    Ok(Usage {
        elapsed,
        cpu,
        memory_kb,
    })
}

fn cpu_of(process: &Path) -> Option<Duration> {
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // The name of the program, in parentheses, may contain spaces.
    let fields = stat.rsplit(')').next()?.split_whitespace().skip(11).take(2);
    Some(TICK * fields.filter_map(|ticks| ticks.parse::<u32>().ok()).sum())
}

fn peak_memory_kb(process: &Path) -> Option<u64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().split(' ').next()?.parse().ok()
}
