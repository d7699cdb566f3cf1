//! The memory of this program over time: pool, writers, proxy and the account of all rows.

use std::fmt;

/// What it may grow between the first fifth of the run and the last one: the account of rows, and what the allocator keeps.
/// A leak of one kilobyte a fault or of ten bytes a row would pass it within half an hour.
const GROWTH_MAX_KIB: u64 = 24 * 1024;
/// A run of fewer faults says nothing.
const SAMPLES_MIN: usize = 15;

/// Resident memory, looked at after each fault.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    kib: Vec<u64>,
}

impl Memory {
    /// Looks at it now; nothing where the system does not tell.
    pub(crate) fn look(&mut self) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: Option<u64> =
            resident.and_then(|text| text.split_whitespace().next()?.parse().ok());
        self.kib.extend(kib);
    }

    /// Has it grown no more than it may?
    pub(crate) fn is_flat(&self) -> bool {
        let Some((first, last)) = self.ends() else {
            return true;
        };
        last <= first + GROWTH_MAX_KIB
    }

    /// The middle values of the first and the last fifth.
    fn ends(&self) -> Option<(u64, u64)> {
        if self.kib.len() < SAMPLES_MIN {
            return None;
        }
        let fifth = self.kib.len() / 5;
        let middle = |part: &[u64]| {
            let mut part = part.to_vec();
            part.sort_unstable();
            part.get(part.len() / 2).copied()
        };
        Some((
            middle(&self.kib[..fifth])?,
            middle(&self.kib[self.kib.len() - fifth..])?,
        ))
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ends() {
            Some((first, last)) => write!(
                f,
                "memory: {} MiB in the first fifth, {} MiB in the last ({})",
                first / 1024,
                last / 1024,
                if self.is_flat() { "flat" } else { "it grows" }
            ),
            None => write!(f, "memory: too short a run to tell"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_from_a_high_start() {
        let flat = |kib: Vec<u64>| Memory { kib }.is_flat();
        assert!(flat(vec![100_000; 20]));
        assert!(flat((0..20).map(|n| 200_000 - n * 1000).collect()));
        assert!(!flat((0..100).map(|n| 50_000 + n * 400).collect()));
        assert!(flat(vec![0, 1_000_000]), "too short to tell");
    }
}
