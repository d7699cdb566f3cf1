//! Exit codes: what a script can tell from the end of a command.

use crate::error;
use std::process::ExitCode;
use underpin_core::ErrorKind;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything asked for is done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// The command line or a setting is wrong; nothing was tried.
    Usage = 2,
    /// Refused for safety; the hint says what to add to go ahead.
    Refused = 3,
    /// Differences found by a command that looks for them.
    Differences = 4,
    /// The migration lock's deadline passed.
    LockDeadline = 5,
    /// Migration files and ledger contradict each other.
    HistoryConflict = 6,
    /// SIGHUP, as shells count it: 128 and the signal's number.
    HungUp = 129,
    /// Ctrl-C, SIGINT.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The exit code of an error: by the kind of the first of our errors in its chain, else [`Exit::Failed`].
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    error::diagnose(error).map_or(Exit::Failed, |diagnosis| of_kind(diagnosis.kind()))
}

/// The error of a command that ends because a signal told it to. Nobody sees it: the signal decides the exit code.
pub(crate) fn told_to_end() -> anyhow::Error {
    error::Error::new(ErrorKind::Cancelled, "told to end by a signal").into()
}

/// Did it fail because it was told to end?
pub(crate) fn was_told_to_end(error: &anyhow::Error) -> bool {
    error::diagnose(error).is_some_and(|diagnosis| diagnosis.kind() == ErrorKind::Cancelled)
}

/// The one place where an [`ErrorKind`] becomes an exit code.
fn of_kind(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::Config => Exit::Usage,
        ErrorKind::Refused => Exit::Refused,
        ErrorKind::LockDeadline => Exit::LockDeadline,
        ErrorKind::HistoryConflict => Exit::HistoryConflict,
        _ => Exit::Failed,
    }
}

/// Prints clap's message (help and version to stdout, mistakes to stderr) and gives its exit code, 0 or 2.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Nowhere is left to report that help could not be printed.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Usage.into()
    } else {
        Exit::Done.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use anyhow::Context as _;

    #[test]
    fn the_first_of_our_errors_decides() {
        let check = |kind, expected| {
            let result: Result<(), _> = Err(Error::new(kind, "inner"));
            let error = result.context("outer").unwrap_err();
            assert_eq!(of(&error), expected, "{kind:?}");
        };
        check(ErrorKind::Config, Exit::Usage);
        check(ErrorKind::Refused, Exit::Refused);
        check(ErrorKind::LockDeadline, Exit::LockDeadline);
        check(ErrorKind::HistoryConflict, Exit::HistoryConflict);
        check(ErrorKind::ConnectionRefused, Exit::Failed);
    }

    #[test]
    fn a_foreign_error_is_a_failure() {
        assert_eq!(of(&anyhow::anyhow!("no idea")), Exit::Failed);
    }
}
