//! What a burst costs beyond time: processor time and memory, read from the operating system.

use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::time::Duration;

/// `/proc` counts some times in hundredths of a second on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of this process so far.
pub fn own_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds)
        + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default())
}

/// Processor time of the children of this process that have ended.
pub fn cpu_of_ended_children() -> Duration {
    ticks("self", 13..=14)
}

/// Processor time of another process, all threads.
pub fn cpu_of(pid: u32) -> Duration {
    ticks(&pid.to_string(), 11..=12)
}

/// Processor time of the children of a process: to the nanosecond of those that live, each of which has one thread, and to
/// the tick of those that have ended.
pub fn cpu_of_children(parent: i32) -> Duration {
    let parent = parent.to_string();
    cpu_of_living_children(&parent) + ticks(&parent, 13..=14)
}

fn cpu_of_living_children(parent: &str) -> Duration {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Duration::ZERO;
    };
    processes
        .flatten()
        .filter(|process| {
            let stat = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
            after_name(&stat).nth(1) == Some(parent)
        })
        .filter_map(|process| fs::read_to_string(process.path().join("schedstat")).ok())
        .filter_map(|times| times.split(' ').next()?.parse().ok())
        .map(Duration::from_nanos)
        .sum()
}

/// Resident memory of this process in kB: now, or at its peak (`VmRSS`, `VmHWM`).
pub fn memory_kb(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|text| text.strip_prefix(line)?.strip_prefix(':'))
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

/// The sum of some fields of `/proc/<pid>/stat`, counted from the one after the program's name.
fn ticks(pid: &str, fields: std::ops::RangeInclusive<usize>) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let count = fields.end() - fields.start() + 1;
    let sum: u32 = after_name(&stat)
        .skip(*fields.start())
        .take(count)
        .filter_map(|ticks| ticks.parse::<u32>().ok())
        .sum();
    TICK * sum
}

/// The name is in parentheses and may contain anything, spaces and parentheses too.
fn after_name(stat: &str) -> impl Iterator<Item = &str> {
    let end = stat.rfind(')').map_or(0, |end| end + 1);
    stat[end..].split_whitespace()
}
