//! Ctrl-C, SIGTERM and SIGHUP: how every command ends when it is told to.
//!
//! The first signal drops the command, and the embedded clusters are stopped in order. A command that has something to put
//! away itself is in a [`Section`] meanwhile: it waits for [`Signals::told`], puts it away and leaves the section. The
//! second signal makes that short: servers end at once and recover at the next start. At the third nothing is waited for.

use crate::exit::Exit;
use anyhow::Context as _;
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::sync::watch;
use underpin_local::Interrupt;

/// At this many signals nothing is waited for any more.
const AT_ONCE: usize = 3;

/// What told the command to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Interrupt,
    Terminate,
    HangUp,
}

impl From<Signal> for Exit {
    fn from(signal: Signal) -> Self {
        match signal {
            Signal::Interrupt => Self::Interrupted,
            Signal::Terminate => Self::Terminated,
            Signal::HangUp => Self::HungUp,
        }
    }
}

/// What has been told so far, and who ends by itself. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    state: Arc<watch::Sender<State>>,
    first: Arc<OnceLock<Signal>>,
    start: Interrupt,
    hurry: Interrupt,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    told: usize,
    sections: usize,
    /// Programs below this one that take Ctrl-C for themselves.
    children: usize,
}

impl State {
    fn must_end(&self) -> bool {
        self.told >= AT_ONCE || (self.told > 0 && self.sections == 0)
    }
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self {
            state: Arc::new(watch::Sender::new(State::default())),
            first: Arc::default(),
            start: Interrupt::new(),
            hurry: Interrupt::new(),
        }
    }

    /// Raised by the first signal: a cluster that is just starting gives up.
    pub(crate) fn start(&self) -> Interrupt {
        self.start.clone()
    }

    /// Raised by the second signal: a cluster that is just stopping ends at once.
    pub(crate) fn hurry(&self) -> Interrupt {
        self.hurry.clone()
    }

    /// The first signal, if there was one.
    pub(crate) fn first(&self) -> Option<Signal> {
        self.first.get().copied()
    }

    /// Waits until as many signals have come.
    pub(crate) async fn told(&self, times: usize) {
        self.wait(|state| state.told >= times).await;
    }

    /// Waits until the command must be dropped: a signal came, and no section that ends by itself is left.
    pub(crate) async fn must_end(&self) {
        self.wait(State::must_end).await;
    }

    /// Waits for the signal after which nothing is waited for any more.
    pub(crate) async fn at_once(&self) {
        self.told(AT_ONCE).await;
    }

    /// While it lives, the command ends by itself when it is told to.
    pub(crate) fn section(&self) -> Section {
        self.state.send_modify(|state| state.sections += 1);
        Section {
            signals: self.clone(),
            is_child: false,
        }
    }

    /// The same while a program runs below this one, for which Ctrl-C is meant.
    pub(crate) fn child(&self) -> Section {
        self.state.send_modify(|state| {
            state.sections += 1;
            state.children += 1;
        });
        Section {
            signals: self.clone(),
            is_child: true,
        }
    }

    fn tell(&self, signal: Signal) {
        if signal == Signal::Interrupt && self.state.borrow().children > 0 {
            return;
        }
        self.first.get_or_init(|| signal);
        self.state.send_modify(|state| state.told += 1);
        self.start.raise();
        if self.state.borrow().told > 1 {
            self.hurry.raise();
        }
    }

    async fn wait(&self, reached: impl Fn(&State) -> bool) {
        let mut watched = self.state.subscribe();
        // The sender lives as long as `self`.
        let _ = watched.wait_for(|state| reached(state)).await;
    }
}

/// A part of a command that ends by itself.
#[derive(Debug)]
pub(crate) struct Section {
    signals: Signals,
    is_child: bool,
}

impl Drop for Section {
    fn drop(&mut self) {
        self.signals.state.send_modify(|state| {
            state.sections -= 1;
            state.children -= usize::from(self.is_child);
        });
    }
}

/// Where signals come from.
#[derive(Debug)]
pub(crate) struct Listener {
    interrupt: Option<Stream>,
    terminate: Option<Stream>,
    hang_up: Option<Stream>,
}

impl Listener {
    /// Listens from now on, but for signals that this process was started to ignore: `nohup` keeps a command running.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let ignored = ignored();
        let listen = |kind: SignalKind| {
            let bit = 1_u64.checked_shl(kind.as_raw_value().unsigned_abs().saturating_sub(1));
            let is_ignored = bit.is_some_and(|bit| ignored & bit != 0);
            let stream = (!is_ignored).then(|| signal(kind)).transpose();
            stream.context("could not listen for signals")
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// Passes on what comes, for ever.
    pub(crate) async fn forward(&mut self, signals: &Signals) -> Infallible {
        loop {
            let came = tokio::select! {
                () = next(&mut self.interrupt) => Signal::Interrupt,
                () = next(&mut self.terminate) => Signal::Terminate,
                () = next(&mut self.hang_up) => Signal::HangUp,
            };
            signals.tell(came);
        }
    }
}

async fn next(stream: &mut Option<Stream>) {
    match stream {
        Some(stream) => {
            stream.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// The signals that this process ignores, one bit each, as Linux tells; elsewhere none.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn must_end(signals: &Signals) -> bool {
        signals.must_end().now_or_never().is_some()
    }

    #[test]
    fn a_section_ends_by_itself_until_the_third_signal() {
        let signals = Signals::new();
        let section = signals.section();
        assert!(!must_end(&signals));
        signals.tell(Signal::Terminate);
        assert!(signals.start().is_raised() && !signals.hurry().is_raised());
        assert!(!must_end(&signals));
        drop(section);
        assert!(must_end(&signals));
        let _section = signals.section();
        signals.tell(Signal::HangUp);
        assert!(signals.hurry().is_raised() && !must_end(&signals));
        signals.tell(Signal::Interrupt);
        assert!(must_end(&signals));
        assert_eq!(signals.first(), Some(Signal::Terminate));
    }

    #[test]
    fn ctrl_c_is_left_to_a_program_below_and_other_signals_are_not() {
        let signals = Signals::new();
        let child = signals.child();
        signals.tell(Signal::Interrupt);
        assert_eq!(signals.first(), None);
        signals.tell(Signal::HangUp);
        assert_eq!(signals.first(), Some(Signal::HangUp));
        drop(child);
        assert!(must_end(&signals));
    }
}
