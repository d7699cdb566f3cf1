//! Is this process number really that server? A number in a file may by now belong to a stranger.

use crate::files::{self, Folder};
use crate::program;
use rustix::process::{Pid, Signal, kill_process};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// No command line of a server is longer.
const LINE_BYTES_MAX: u64 = 256 * 1024;

/// Does process `pid` run PostgreSQL on `data`, as the owner of that folder?
///
/// On Linux the postmaster's working directory is its data folder, and the kernel tells it, which no stranger can fake by
/// accident. Elsewhere the command line is asked for, which carries `-D <data>`. A zombie is not running.
pub(crate) fn is_postmaster_of(pid: Pid, data: &Folder) -> bool {
    if cfg!(target_os = "linux") {
        linux_says(pid, data)
    } else {
        ps_says(pid, data.path())
    }
}

/// Sends a signal to the postmaster of `data`, if process `pid` is that; a process that is gone needs none.
///
/// The number comes from a file that the server's account writes. On Linux a handle keeps the process that was looked at
/// and the one that gets the signal the same.
pub(crate) fn signal_postmaster(pid: Pid, data: &Folder, signal: Signal) -> io::Result<()> {
    match send(pid, data, signal) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(target_os = "linux")]
fn send(pid: Pid, data: &Folder, signal: Signal) -> rustix::io::Result<()> {
    use rustix::io::Errno;
    use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};
    match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(handle) if is_postmaster_of(pid, data) => pidfd_send_signal(handle, signal),
        // An old kernel, or a container that forbids it.
        Err(Errno::NOSYS | Errno::PERM) if is_postmaster_of(pid, data) => kill_process(pid, signal),
        Err(errno @ Errno::INVAL) => Err(errno),
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn send(pid: Pid, data: &Folder, signal: Signal) -> rustix::io::Result<()> {
    match is_postmaster_of(pid, data) {
        true => kill_process(pid, signal),
        false => Ok(()),
    }
}

fn linux_says(pid: Pid, data: &Folder) -> bool {
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    let name = files::kernel_says(&process.join("comm"), 64);
    if name.is_ok_and(|name| name.trim_ascii_end() != b"postgres") {
        return false;
    }
    let owner = data.owner().ok().map(|(uid, ..)| uid);
    if files::kernel_owner(&process).ok() != owner {
        return false;
    }
    match files::kernel_link(&process.join("cwd")) {
        Ok(folder) => folder == data.path(),
        // In a container root may not look at other users' processes that closely. Their command line is open to all.
        Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
            let line = files::kernel_says(&process.join("cmdline"), LINE_BYTES_MAX);
            has_data_argument(&line.unwrap_or_default(), data.path())
        }
        // Gone, or a zombie.
        Err(_) => false,
    }
}

/// Is one of the arguments, which end in zeros, the data folder?
fn has_data_argument(line: &[u8], data: &Path) -> bool {
    let data = data.as_os_str().as_bytes();
    line.split(|byte| *byte == 0)
        .any(|argument| argument.strip_prefix(b"-D").unwrap_or(argument) == data)
}

fn ps_says(pid: Pid, data: &Path) -> bool {
    let Ok(mut ps) = program::named("ps") else {
        return false;
    };
    ps.args([
        "-ww",
        "-o",
        "command=",
        "-p",
        &pid.as_raw_nonzero().to_string(),
    ]);
    let output = program::ask(&mut ps);
    let Some(line) = output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
    else {
        return false;
    };
    line.contains("postgres") && data.to_str().is_some_and(|data| line.contains(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_argument_is_the_data_folder() {
        let check = |line: &str, expected| {
            let line = line.replace(' ', "\0");
            assert_eq!(
                has_data_argument(line.as_bytes(), Path::new("/a/data")),
                expected,
                "{line}"
            );
        };
        check("/usr/bin/postgres -D /a/data -c port=1", true);
        check("postgres -D/a/data", true);
        check("postgres -D /a/data2", false);
        check("postgres -D /b/a/data", false);
        check("", false);
    }
}
