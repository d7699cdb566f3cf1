//! A runtime of the test kit's own, beside that of each test.
//!
//! A pool cleans up returned sessions on the runtime it was made in. With `#[tokio::test]` that is one thread, which `Drop`
//! blocks: what a test dropped last would never be cleaned, and look like a leak. So the pools of tests live here.

use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

/// Cleaning up is rare and short.
const THREADS: usize = 2;

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// Calls `make` within this runtime.
pub(crate) fn within<T>(make: impl FnOnce() -> T) -> T {
    let _within = runtime().enter();
    make()
}

/// Waits for a future on this runtime, also from a thread that belongs to another.
pub(crate) fn block_on_from_anywhere<T: Send, F: Future<Output = T>>(
    make: impl FnOnce() -> F + Send,
) -> T {
    let waiting = || runtime().block_on(make());
    match std::thread::scope(|scope| scope.spawn(waiting).join()) {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn runtime() -> &'static Runtime {
    RUNTIME.get_or_init(|| {
        let built = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("testkit")
            .enable_all()
            .build();
        built.expect("the operating system gives two threads")
    })
}
