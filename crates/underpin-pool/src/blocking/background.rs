//! The thread that runs the pool, and how callers wait for its answers.

use crate::Error;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::coop;
use underpin_core::ErrorKind;

/// A runtime of one thread for the pool's sockets, timers and tasks.
///
/// Callers poll their own futures. `Runtime::block_on` is not used, because it panics where Tokio forbids to block.
#[derive(Debug)]
pub(super) struct Background(Option<Runtime>);

impl Background {
    /// Starts the thread.
    pub(super) fn start() -> Result<Self, Error> {
        refuse_in_async_code()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("underpin-pool")
            .enable_all()
            .build();
        let runtime = runtime.map_err(|cause| {
            Error::new(ErrorKind::Io, "could not start the pool's thread").with_source(cause)
        })?;
        Ok(Self(Some(runtime)))
    }

    /// Waits for an answer, unless that would stall an async program.
    pub(super) fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        refuse_in_async_code()?;
        self.block_on(answer)
    }

    /// Runs a future on the pool's thread without waiting for it.
    pub(super) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.0 {
            runtime.spawn(future);
        }
    }

    /// Polls a future on this thread until it is ready.
    pub(super) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        // Timers and sockets that the future makes belong to the pool's thread.
        let _entered = self.0.as_ref().map(Runtime::enter);
        let mut future = pin!(future);
        let signal = Arc::new(Signal::default());
        let waker = Waker::from(signal.clone());
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            signal.wait();
        }
    }
}

/// The last handle may be dropped anywhere, also in async code, where a `Runtime` may not be dropped: that would wait for
/// its thread. So nobody waits for it.
impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Set by the waker, awaited by the caller.
#[derive(Default)]
struct Signal {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    /// Waits until it is set, and clears it.
    fn wait(&self) {
        let is_set = self.is_set.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_while(is_set, |is_set| !*is_set);
        *waited.unwrap_or_else(PoisonError::into_inner) = false;
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        *self.is_set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }
}

fn refuse_in_async_code() -> Result<(), Error> {
    if is_async_code() {
        return Err(Error::new(
            ErrorKind::Internal,
            "a blocking call was made from async code",
        )
        .with_hint("use underpin_pool::Database there, or tokio::task::spawn_blocking"));
    }
    Ok(())
}

/// Is this thread polling a future of Tokio?
///
/// A current runtime does not tell: threads of `spawn_blocking`, and those that hold an `EnterGuard`, have one and may
/// block. But Tokio polls futures with a budget and runs everything else without one. The budget is found by using it up:
/// each guard gives back what it took when it is dropped.
fn is_async_code() -> bool {
    if Handle::try_current().is_err() {
        return false;
    }
    let mut context = Context::from_waker(Waker::noop());
    // Budgets are counted in a byte.
    let mut taken = Vec::with_capacity(usize::from(u8::MAX));
    while coop::has_budget_remaining() && taken.len() < usize::from(u8::MAX) {
        taken.push(coop::poll_proceed(&mut context));
    }
    let is_used_up = !coop::has_budget_remaining();
    // In reverse order, so that the budget that was there first is set last.
    while taken.pop().is_some() {}
    is_used_up
}
