//! Is this process number really that server? A number in a file may by now belong to a stranger.

use crate::program::{self, QUESTION_DEADLINE};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

/// Does process `pid` run PostgreSQL on `data`?
///
/// On Linux the postmaster's working directory is its data folder, and the kernel tells it, which no stranger can fake by
/// accident. Elsewhere the command line is asked for, which carries `-D <data>`. A zombie is not running.
pub(crate) fn is_postmaster_of(pid: Pid, data: &Path) -> bool {
    if cfg!(target_os = "linux") {
        linux_says(pid, data)
    } else {
        ps_says(pid, data)
    }
}

/// Sends a signal; a process that is gone already needs none.
pub(crate) fn signal(pid: Pid, signal: Signal) -> io::Result<()> {
    match kill_process(pid, signal) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

fn linux_says(pid: Pid, data: &Path) -> bool {
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    let name = fs::read_to_string(process.join("comm"));
    if name.is_ok_and(|name| name.trim_end() != "postgres") {
        return false;
    }
    match fs::read_link(process.join("cwd")) {
        Ok(folder) => Some(folder) == data.canonicalize().ok(),
        // In a container root may not look at other users' processes that closely. Their command line is open to all.
        Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
            let line = fs::read(process.join("cmdline")).unwrap_or_default();
            has_data_argument(&line, data)
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
    let mut ps = Command::new("ps");
    ps.args([
        "-ww",
        "-o",
        "command=",
        "-p",
        &pid.as_raw_nonzero().to_string(),
    ]);
    let output = program::run(&mut ps, None, QUESTION_DEADLINE);
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
