//! What can go wrong, and in which order it does: the same for the same seed.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long nothing happens between two faults, in milliseconds.
const CALM_MS: RangeInclusive<u64> = 100..=800;
/// How long a fault lasts that lasts, in milliseconds: some are over before anybody's patience is, some are not.
const LASTING_MS: RangeInclusive<u64> = 50..=2500;

/// One kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// `kill -9` of one server process: the postmaster ends all others and recovers.
    KillBackend,
    /// `pg_terminate_backend` of every session.
    TerminateAll,
    /// A fast shutdown, and a start later.
    FastRestart,
    /// An immediate shutdown, and a start later, which recovers.
    ImmediateRestart,
    /// `kill -9` of the postmaster, and a start later, which recovers.
    Crash,
    /// SIGSTOP of the postmaster and all its sessions, SIGCONT later: a machine that hangs.
    Pause,
    /// The network swallows everything; later what it swallowed arrives.
    BlackHole,
    /// The network resets every connection, old and new.
    Cut,
    /// Whoever sends COMMIT loses the connection instead of getting its answer.
    CutCommits,
    /// Another pool size for a while.
    Resize,
    /// A column is added to a table that is read all the time, and dropped later.
    Alter,
}

impl Fault {
    const ALL: [Self; 11] = [
        Self::KillBackend,
        Self::TerminateAll,
        Self::FastRestart,
        Self::ImmediateRestart,
        Self::Crash,
        Self::Pause,
        Self::BlackHole,
        Self::Cut,
        Self::CutCommits,
        Self::Resize,
        Self::Alter,
    ];

    /// Does it last, or is it over at once?
    const fn lasts(self) -> bool {
        !matches!(self, Self::KillBackend | Self::TerminateAll)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KillBackend => "kill -9 of a session",
            Self::TerminateAll => "all sessions terminated",
            Self::FastRestart => "fast restart",
            Self::ImmediateRestart => "immediate restart",
            Self::Crash => "crash",
            Self::Pause => "pause",
            Self::BlackHole => "black hole",
            Self::Cut => "cut",
            Self::CutCommits => "cut commits",
            Self::Resize => "resize",
            Self::Alter => "altered table",
        })
    }
}

/// A fault with everything that is random about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Planned {
    /// How long nothing happens before.
    pub(crate) calm: Duration,
    pub(crate) fault: Fault,
    pub(crate) lasting: Duration,
    /// Which session, how many of them: what the fault makes of it.
    pub(crate) choice: usize,
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fault.lasts() {
            write!(f, "{} for {:.1?}", self.fault, self.lasting)
        } else {
            self.fault.fmt(f)
        }
    }
}

/// Faults without end. Each round has every kind once, in another order.
#[derive(Debug)]
pub(crate) struct Schedule {
    random: StdRng,
    round: Vec<Fault>,
}

impl Schedule {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            round: Vec::new(),
        }
    }
}

impl Iterator for Schedule {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        if self.round.is_empty() {
            self.round.extend(Fault::ALL);
            self.round.shuffle(&mut self.random);
        }
        let fault = self.round.pop()?;
        Some(Planned {
            calm: Duration::from_millis(self.random.random_range(CALM_MS)),
            fault,
            lasting: Duration::from_millis(self.random.random_range(LASTING_MS)),
            choice: self.random.random_range(0..1000),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_seed_repeats_its_faults_and_every_round_has_each_kind() {
        let faults: Vec<_> = Schedule::new(7).take(40).collect();
        assert_eq!(faults, Schedule::new(7).take(40).collect::<Vec<_>>());
        assert_ne!(faults, Schedule::new(8).take(40).collect::<Vec<_>>());
        for round in faults.chunks_exact(Fault::ALL.len()) {
            let kinds: BTreeSet<_> = round.iter().map(|planned| planned.fault).collect();
            assert_eq!(kinds.len(), Fault::ALL.len());
        }
    }
}
