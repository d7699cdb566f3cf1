//! A core for the client and another one for the server, which is nearer to a database on another machine: neither takes
//! time from the other, and who wakes whom costs the same for everybody.

use anyhow::{Context, bail};
use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_setaffinity};
use std::fs;

/// The core of this process and of the peers that it runs as programs.
pub const CLIENT: usize = 0;
/// The core of all processes of the server.
pub const SERVER: usize = 1;

/// Moves all threads of this process to a core. Threads and processes that they create stay there too.
pub fn move_to(core: usize) -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if core == SERVER && cores < 2 {
        bail!("--pin needs two cores, and this machine has {cores}");
    }
    let mut set = CpuSet::new();
    set.set(core);
    for thread in fs::read_dir("/proc/self/task").context("--pin needs Linux")? {
        let name = thread?.file_name();
        let id = name.to_str().and_then(|name| name.parse().ok());
        let id = id.and_then(Pid::from_raw);
        // A thread may have ended since the folder was read.
        if let Err(error) = sched_setaffinity(id, &set)
            && error != rustix::io::Errno::SRCH
        {
            return Err(error).context("could not move a thread to a core");
        }
    }
    Ok(())
}
