//! Two file locks: who may start or stop the server, and who uses it.

use crate::Error;
use crate::layout::Layout;
use crate::wait::Deadline;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use underpin_core::ErrorKind;

/// Held alone by the process that makes, starts or stops the cluster.
const START: &str = "start.lock";

/// Held together by every process that uses the server.
const USERS: &str = "users.lock";

/// A lock that is let go when it is dropped, or when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Alone: making, starting and stopping the cluster, one process at a time.
    pub(crate) fn start(layout: &Layout, deadline: &Deadline) -> Result<Self, Error> {
        let exclusive = FlockOperation::NonBlockingLockExclusive;
        let taken = deadline.poll(|| try_lock(layout, START, exclusive))?;
        taken.ok_or_else(|| {
            let message = format!(
                "another process has been starting or stopping the cluster in {} for {} s",
                layout.root().display(),
                deadline.budget.as_secs()
            );
            Error::new(ErrorKind::LockTimeout, message)
                .with_hint("wait for it to finish, or end it, and try again")
        })
    }

    /// Together with others: this process uses the server. Only called by the holder of the start lock.
    pub(crate) fn user(layout: &Layout) -> Result<Self, Error> {
        try_lock(layout, USERS, FlockOperation::NonBlockingLockShared)?.ok_or_else(|| {
            Error::new(
                ErrorKind::Internal,
                "the users lock is held alone without the start lock",
            )
        })
    }

    /// Does no process use the server? Only called by the holder of the start lock.
    pub(crate) fn is_unused(layout: &Layout) -> Result<bool, Error> {
        let exclusive = FlockOperation::NonBlockingLockExclusive;
        Ok(try_lock(layout, USERS, exclusive)?.is_some())
    }
}

fn try_lock(layout: &Layout, name: &str, operation: FlockOperation) -> Result<Option<Lock>, Error> {
    let file = layout.append(name)?;
    match flock(&file, operation) {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(None),
        Err(errno) => Err(Error::io("lock", &layout.root().join(name), errno.into())),
    }
}
