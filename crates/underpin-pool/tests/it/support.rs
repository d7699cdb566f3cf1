//! What the tests share.

use std::cell::RefCell;
use std::sync::Once;
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

thread_local! {
    /// What this thread has logged since its capture began.
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// The log of this test's thread, on which all its tasks run too.
pub(crate) struct LogLines;

impl LogLines {
    /// Captures what this thread logs from now on. One subscriber serves all tests of a process: tracing remembers for
    /// each place that logs whether anybody listens, and does not reliably learn of one that comes later.
    pub(crate) fn capture() -> Self {
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            tracing_subscriber::fmt()
                .with_ansi(false)
                .with_writer(|| ThreadLog)
                .init();
        });
        LINES.set(Some(Vec::new()));
        Self
    }

    #[expect(clippy::unused_self, reason = "only whoever captures may ask")]
    pub(crate) fn text(&self) -> String {
        LINES.with_borrow(|lines| {
            String::from_utf8_lossy(lines.as_deref().unwrap_or_default()).into_owned()
        })
    }

    /// How many lines contain `what`.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.text()
            .lines()
            .filter(|line| line.contains(what))
            .count()
    }
}

impl Drop for LogLines {
    fn drop(&mut self) {
        LINES.set(None);
    }
}

struct ThreadLog;

impl std::io::Write for ThreadLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
