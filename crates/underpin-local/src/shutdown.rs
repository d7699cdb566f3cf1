//! Stopping a server: fast, and when that takes too long, at once.

use crate::layout::Layout;
use crate::postmaster::Postmaster;
use crate::process::signal_postmaster;
use crate::wait::Deadline;
use crate::{Error, Interrupt};
use rustix::process::Signal;
use std::time::Duration;
use underpin_core::ErrorKind;

/// How long an immediate shutdown may take: the server only has to end its processes.
const IMMEDIATE_DEADLINE: Duration = Duration::from_secs(10);

/// Ends `postmaster`, of which the caller knows that Underpin started it. The start lock is held.
pub(crate) fn stop(
    layout: &Layout,
    postmaster: &Postmaster,
    fast_within: Duration,
    hurry: &Interrupt,
) -> Result<(), Error> {
    // Fast: sessions are ended, transactions rolled back, a checkpoint is written.
    let fast = Deadline::after(fast_within).unless(hurry);
    if send_and_wait(layout, postmaster, Signal::INT, &fast)? {
        return Ok(());
    }
    tracing::warn!(data_dir = %layout.root().display(), "the fast shutdown was interrupted or took too long: immediate shutdown, the next start recovers");
    let immediate = Deadline::after(IMMEDIATE_DEADLINE);
    if send_and_wait(layout, postmaster, Signal::QUIT, &immediate)? {
        return Ok(());
    }
    let pid = postmaster.pid.as_raw_nonzero();
    let message = format!(
        "the server in {} (process {pid}) does not end",
        layout.root().display()
    );
    Err(Error::new(ErrorKind::Timeout, message).with_hint(format!(
        "see whether process {pid} is suspended or waits for a disk; look at {}",
        layout.log().display()
    )))
}

fn send_and_wait(
    layout: &Layout,
    postmaster: &Postmaster,
    which: Signal,
    deadline: &Deadline,
) -> Result<bool, Error> {
    let Some(data) = layout.data_folder()? else {
        return Ok(true);
    };
    // Looked at again right before the signal: the number may have passed to a stranger meanwhile.
    signal_postmaster(postmaster.pid, &data, which).map_err(|cause| {
        Error::new(ErrorKind::PermissionDenied, "could not signal the server").with_source(cause)
    })?;
    let gone = deadline.poll(|| Ok::<_, Error>((!postmaster.is_alive(layout)?).then_some(())))?;
    Ok(gone.is_some())
}
