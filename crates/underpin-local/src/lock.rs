//! Two file locks: who may start or stop the server, and who uses it.

use crate::Error;
use crate::layout::{Layout, open_private};
use crate::wait::Deadline;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use std::path::Path;
use underpin_core::ErrorKind;

/// A lock that is let go when it is dropped, or when the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Alone: making, starting and stopping the cluster, one process at a time.
    pub(crate) fn start(layout: &Layout, deadline: Deadline) -> Result<Self, Error> {
        let path = layout.start_lock();
        let taken = deadline.poll(|| try_lock(&path, FlockOperation::NonBlockingLockExclusive))?;
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
        try_lock(&layout.users_lock(), FlockOperation::NonBlockingLockShared)?.ok_or_else(|| {
            Error::new(
                ErrorKind::Internal,
                "the users lock is held alone without the start lock",
            )
        })
    }

    /// Does no process use the server? Only called by the holder of the start lock.
    pub(crate) fn is_unused(layout: &Layout) -> Result<bool, Error> {
        Ok(try_lock(
            &layout.users_lock(),
            FlockOperation::NonBlockingLockExclusive,
        )?
        .is_some())
    }
}

fn try_lock(path: &Path, operation: FlockOperation) -> Result<Option<Lock>, Error> {
    let file = open_private(path)?;
    match flock(&file, operation) {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(None),
        Err(errno) => Err(Error::io("lock", path, errno.into())),
    }
}
