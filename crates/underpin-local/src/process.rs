//! Is this process number really that server? A number in a file may by now belong to a stranger.

use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;

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
pub(crate) fn signal(pid: Pid, signal: Signal) -> std::io::Result<()> {
    match kill_process(pid, signal) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

fn linux_says(pid: Pid, data: &Path) -> bool {
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    let is_postgres = std::fs::read_to_string(process.join("comm"))
        .is_ok_and(|name| name.trim_end() == "postgres");
    // Of a zombie, and of a process of another user, the link cannot be read.
    is_postgres && std::fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == data)
}

fn ps_says(pid: Pid, data: &Path) -> bool {
    let mut ps = std::process::Command::new("ps");
    let output = ps
        .args([
            "-ww",
            "-o",
            "command=",
            "-p",
            &pid.as_raw_nonzero().to_string(),
        ])
        .output();
    let Some(line) = output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
    else {
        return false;
    };
    line.contains("postgres") && data.to_str().is_some_and(|data| line.contains(data))
}
