//! The program itself: suspended like a laptop that sleeps, or its wall clock set.

use crate::support::{SOON, pool};
use std::path::{Path, PathBuf};
use std::process::{Command as Blocking, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;
use underpin_pool::Database;
use underpin_testkit::{shared_cluster, temporary_folder, wait_until};

const PROGRAM: &str = "client::this_is_the_program_that_the_other_tests_start";
const TASK: &str = "UNDERPIN_TEST_CLIENT";
const WORKERS: u64 = 10;
const SESSIONS: u64 = 5;
const YEAR: i64 = 365 * 24 * 3600;

/// This test binary, started again: workers that read through a pool of five, and tell how it goes when asked.
struct Client {
    process: Child,
    ask: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    application: String,
}

/// What a client says of itself.
#[derive(Debug, Clone, Copy)]
struct Report {
    served: u64,
    failed: u64,
    created: u64,
    /// Seconds since 1970, by its wall clock.
    clock: i64,
}

impl Client {
    async fn start(change: impl FnOnce(&mut Command)) -> Self {
        let application = format!("client_{}", uuid::Uuid::new_v4().simple());
        let mut url = shared_cluster().await.url("postgres");
        url.application_name = Some(application.clone());
        let mut command = Command::new(std::env::current_exe().expect("the running binary"));
        command
            .args(["--exact", PROGRAM, "--nocapture"])
            .env(TASK, url.expose())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        change(&mut command);
        let mut process = command.spawn().expect("it can be started again");
        let stdout = BufReader::new(process.stdout.take().expect("piped"));
        let mut client = Self {
            ask: process.stdin.take().expect("piped"),
            lines: stdout.lines(),
            process,
            application,
        };
        client.until_served(1000).await;
        client
    }

    async fn report(&mut self) -> Report {
        self.ask.write_all(b"\n").await.expect("it reads");
        loop {
            let line = timeout(SOON, self.lines.next_line()).await;
            let line = line.expect("it answers").expect("UTF-8");
            let line = line.expect("it lives");
            let Some(numbers) = line.strip_prefix("report ") else {
                continue;
            };
            let numbers: Vec<i64> = numbers
                .split(' ')
                .map(|number| number.parse().expect("a number"))
                .collect();
            let count = |at: usize| u64::try_from(numbers[at]).expect("a count");
            return Report {
                served: count(0),
                failed: count(1),
                created: count(2),
                clock: numbers[3],
            };
        }
    }

    async fn until_served(&mut self, more: u64) -> Report {
        let mut last = self.report().await;
        let goal = last.served + more;
        wait_until(SOON, async || {
            last = self.report().await;
            last.served >= goal
        })
        .await;
        last
    }

    /// By the shell, whose `kill` is built in.
    fn signal(&self, name: &str) {
        let pid = self.process.id().expect("it runs");
        let status = Blocking::new("sh")
            .args(["-c", &format!("kill -{name} {pid}")])
            .status();
        assert!(status.expect("there is a shell").success());
    }

    /// Suspends it for `seconds`, in which `meanwhile` happens.
    async fn suspend(&self, seconds: f64, meanwhile: impl AsyncFnOnce(&Database)) {
        let watch = pool(shared_cluster().await.url("postgres"), |_| {});
        self.signal("STOP");
        meanwhile(&watch).await;
        watch
            .query("SELECT pg_sleep($1)", &[&seconds])
            .await
            .expect("the server sleeps");
        self.signal("CONT");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn this_is_the_program_that_the_other_tests_start() {
    let Ok(url) = std::env::var(TASK) else { return };
    let db = pool(url.parse().expect("a URL"), |pool| {
        (pool.size, pool.max_overflow) = (usize::try_from(SESSIONS).expect("a few"), 0);
        pool.timeout = Duration::from_secs(1);
    });
    let counts = Arc::new((AtomicU64::new(0), AtomicU64::new(0)));
    for _ in 0..WORKERS {
        let (db, counts) = (db.clone(), counts.clone());
        tokio::spawn(async move {
            loop {
                let outcome = db.query("SELECT 1", &[]).await;
                let count = if outcome.is_ok() {
                    &counts.0
                } else {
                    &counts.1
                };
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let mut questions = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(_)) = questions.next_line().await {
        let [served, failed] = [&counts.0, &counts.1].map(|count| count.load(Ordering::Relaxed));
        let clock = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let (created, clock) = (db.status().created, clock.as_secs());
        println!("\nreport {served} {failed} {created} {clock}");
    }
}

#[tokio::test]
async fn suspended_program_goes_on_with_the_sessions_it_had() {
    let mut client = Client::start(|_| {}).await;
    let before = client.report().await;
    // Three times the checkout deadline: whoever waited then may be told so, once.
    client.suspend(3.0, async |_| {}).await;
    let after = client.until_served(1000).await;
    assert!(after.failed - before.failed <= WORKERS, "{after:?}");
    assert!(
        after.created <= SESSIONS,
        "sessions were replaced: {after:?}"
    );
}

#[tokio::test]
async fn suspended_program_whose_sessions_were_ended_opens_others() {
    let mut client = Client::start(|_| {}).await;
    let before = client.report().await;
    let application = client.application.clone();
    let end_all = async |watch: &Database| {
        let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1";
        let ended = watch.query(end, &[&application]).await;
        assert!(!ended.expect("the owner may").is_empty());
    };
    client.suspend(3.0, end_all).await;
    let after = client.until_served(1000).await;
    // Each worker's statement may have been under way, and then its next one may have waited in vain.
    assert!(after.failed - before.failed <= 2 * WORKERS, "{after:?}");
    assert!(after.created > before.created, "{after:?}");
}

/// The library that `clock.c` makes; None without a C compiler.
fn preloaded_clock(folder: &Path) -> Option<PathBuf> {
    let (source, library) = (
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/clock.c"),
        folder.join("clock.so"),
    );
    let status = Blocking::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status();
    status
        .is_ok_and(|status| status.success())
        .then_some(library)
}

#[tokio::test]
async fn wall_clock_that_jumps_is_not_noticed() {
    let folder = temporary_folder();
    let library = preloaded_clock(folder.path());
    let Some(library) = library.filter(|_| cfg!(target_os = "linux")) else {
        println!("skipped: the clock is set by a library that needs Linux and a C compiler");
        return;
    };
    let jump = folder.path().join("jump");
    let mut client = Client::start(|command| {
        command.env("LD_PRELOAD", &library).env("CLOCK_JUMP", &jump);
    })
    .await;
    let before = client.report().await;
    for by in [YEAR, -YEAR, 0] {
        std::fs::write(&jump, by.to_string()).expect("the folder is ours");
        let after = client.until_served(1000).await;
        let jumped = after.clock - before.clock;
        assert!((jumped - by).abs() < 60, "the clock moved by {jumped} s");
        assert_eq!(after.failed, before.failed);
        // Who notices the jump replaces every session that there is; the pool may still open one that was missing.
        assert!(after.created <= SESSIONS, "{after:?}");
    }
}

/// Everything that is waited for or grows old is measured by `Instant`. Only TLS asks the wall clock, whether a certificate
/// is valid now, and the age of a replica's data, which is the greater one of both clocks: `Instant` stands still while the
/// machine is suspended.
#[test]
fn no_source_of_the_pool_asks_the_wall_clock() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("the sources are there") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.ends_with("read_pool/moment.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            for wall_clock in ["SystemTime::now", "Timestamp::now", "Zoned::now"] {
                assert!(
                    !text.contains(wall_clock),
                    "{wall_clock} in {}",
                    path.display()
                );
            }
        }
    }
}
