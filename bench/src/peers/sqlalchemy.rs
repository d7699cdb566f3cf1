//! SQLAlchemy with asyncpg, in a Python process of its own that is asked line by line.

use crate::address::Address;
use crate::burst::{Burst, Contestant, Latency};
use crate::peer::unsupported;
use crate::scenario::{Scenario, Work};
use crate::usage;
use anyhow::{Context, ensure};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// What the virtual environment is given.
const PACKAGES: [&str; 4] = ["sqlalchemy==2.0.*", "asyncpg==0.31.*", "greenlet", "uvloop"];
/// Making the environment, packages included.
const INSTALL_DEADLINE: Duration = Duration::from_secs(180);
/// An answer may take this much longer than its burst.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct SqlAlchemy {
    process: Child,
    pipes: Mutex<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
}

#[derive(Serialize)]
struct Question {
    work: &'static str,
    count: usize,
    tasks: usize,
    seconds: f64,
}

#[derive(Deserialize)]
struct Answer {
    operations: u64,
    seconds: f64,
    p50_us: f64,
    p99_us: f64,
    p999_us: f64,
    reports: u64,
}

impl SqlAlchemy {
    pub(crate) async fn open(address: &Address, connections: usize) -> anyhow::Result<Self> {
        let python = timeout(INSTALL_DEADLINE, environment())
            .await
            .context("making the Python environment took too long")??;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/sqlalchemy_peer.py");
        let mut process = Command::new(python)
            .arg(script)
            .arg(connections.to_string())
            .env("BENCH_URL", address.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("could not run python")?;
        let stdin = process.stdin.take().context("python has no input")?;
        let stdout = process.stdout.take().context("python has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let ready = timeout(PATIENCE, lines.next_line()).await??;
        ensure!(
            ready.as_deref() == Some("ready"),
            "the Python peer did not start"
        );
        Ok(Self {
            process,
            pipes: Mutex::new((stdin, lines)),
        })
    }

    async fn ask(&self, question: &Question) -> anyhow::Result<Burst> {
        let mut pipes = self.pipes.lock().await;
        let (stdin, lines) = &mut *pipes;
        let mut line = serde_json::to_string(question)?;
        line.push('\n');
        stdin.write_all(line.as_bytes()).await?;
        let patience = PATIENCE + Duration::from_secs_f64(question.seconds);
        let answer = timeout(patience, lines.next_line()).await??;
        let answer: Answer =
            serde_json::from_str(&answer.context("the Python peer ended: see its error above")?)?;
        let time = |microseconds: f64| Duration::from_secs_f64(microseconds / 1e6);
        Ok(Burst {
            operations: answer.operations,
            elapsed: Duration::from_secs_f64(answer.seconds),
            latency: Some(Latency {
                p50: time(answer.p50_us),
                p99: time(answer.p99_us),
                p999: time(answer.p999_us),
            }),
            reports: answer.reports,
        })
    }
}

impl Contestant for SqlAlchemy {
    fn burst<'a>(
        &'a self,
        scenario: &'a Scenario,
        length: Duration,
    ) -> BoxFuture<'a, anyhow::Result<Burst>> {
        let (work, count) = match scenario.work {
            Work::Document => ("document", 0),
            Work::Documents(limit) => ("documents", usize::try_from(limit).unwrap_or_default()),
            Work::Insert => ("insert", 0),
            Work::InsertMany(count) => ("insert_many", count),
            Work::List(limit) => ("list", usize::try_from(limit).unwrap_or_default()),
            Work::Patch => ("patch", 0),
            Work::Create => ("create", 0),
            Work::Relations(count) => ("relations", usize::try_from(count).unwrap_or_default()),
            Work::Transaction => ("transaction", 0),
            Work::Checkout => ("checkout", 0),
            Work::Beside(reporters) => ("beside", reporters),
            Work::Connect => return Box::pin(async { unsupported() }),
        };
        Box::pin(async move {
            let question = Question {
                work,
                count,
                tasks: scenario.tasks,
                seconds: length.as_secs_f64(),
            };
            self.ask(&question).await
        })
    }

    fn cpu(&self) -> Duration {
        self.process.id().map_or(Duration::ZERO, usage::cpu_of)
    }
}

/// The Python of a virtual environment with the packages; made when it is not there.
async fn environment() -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python");
    let python = folder.join("bin/python");
    if has_packages(&python).await {
        return Ok(python);
    }
    let venv = run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).await;
    venv.context("python3 with its module venv is needed")?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    run(pip.args(PACKAGES))
        .await
        .context("pip could not get its packages")?;
    Ok(python)
}

async fn has_packages(python: &Path) -> bool {
    let mut import = Command::new(python);
    import.args(["-c", "import sqlalchemy, asyncpg, greenlet, uvloop"]);
    run(&mut import).await.is_ok()
}

async fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
