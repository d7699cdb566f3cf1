//! What the tests share.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use underpin_core::config::PoolSettings;
use underpin_pool::{Database, Options};
use underpin_testkit::shared_cluster;

/// Long enough for anything that should happen at once.
pub(crate) const SOON: Duration = Duration::from_secs(5);

/// Options for the shared cluster, changed by the test.
pub(crate) async fn options(change: impl FnOnce(&mut PoolSettings)) -> Options {
    let mut options = Options::new(shared_cluster().await.url("postgres"));
    change(&mut options.pool);
    options
}

/// A pool of `size` sessions without overflow.
pub(crate) async fn pool_of(size: usize) -> Database {
    let options = options(|pool| {
        pool.size = size;
        pool.max_overflow = 0;
    });
    Database::connect(options.await)
        .await
        .expect("the shared cluster answers")
}

/// A name no other test uses.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::new_v4().simple())
}

/// The log of this test's thread.
#[derive(Clone, Default)]
pub(crate) struct LogLines(Arc<Mutex<Vec<u8>>>);

impl LogLines {
    /// Captures what this process logs from now on; each test is a process or a thread of its own.
    pub(crate) fn capture() -> Captured {
        let lines = Self::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        Captured {
            lines,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }
}

/// Ends the capture when dropped.
pub(crate) struct Captured {
    lines: LogLines,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Captured {
    pub(crate) fn text(&self) -> String {
        let bytes = self
            .lines
            .0
            .lock()
            .expect("no test panics while writing a log line");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How many lines contain `what`.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.text()
            .lines()
            .filter(|line| line.contains(what))
            .count()
    }
}

impl std::io::Write for LogLines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .expect("no test panics while writing a log line")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
