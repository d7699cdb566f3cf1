//! The command line.

use crate::peers::{ENTRIES, Entry};
use crate::scenario::{SCENARIOS, Scenario};
use anyhow::bail;
use clap::Parser;
use std::time::Duration;

/// Underpin and its peers side by side on one PostgreSQL
#[derive(Debug, Parser)]
#[command(max_term_width = 100)]
pub struct Args {
    /// Fewer and shorter rounds: some 90 seconds instead of 25 minutes, and less exact
    #[arg(long)]
    quick: bool,

    /// Only these scenarios; --list names them
    #[arg(long, value_name = "SCENARIO", value_delimiter = ',')]
    only: Vec<String>,

    /// Only these peers; --list names them
    #[arg(long, value_name = "PEER", value_delimiter = ',')]
    peers: Vec<String>,

    /// Rounds; what is printed is their median
    #[arg(long)]
    rounds: Option<usize>,

    /// Length of a burst in milliseconds
    #[arg(long, value_name = "MS")]
    length: Option<u64>,

    /// Connections of each pool
    #[arg(long, default_value_t = 10)]
    pub connections: usize,

    /// Connect by the Unix socket instead of loopback TCP
    #[arg(long)]
    pub socket: bool,

    /// Leave out allocations and memory, which each peer shows in a process of its own
    #[arg(long)]
    pub no_probe: bool,

    /// Run the clients on one core and the server on another: nearer to a database on another machine
    #[arg(long)]
    pub pin: bool,

    /// Write docs/performance.md, or docs/performance-pinned.md with --pin; needs every scenario and peer, and says how long it measured
    #[arg(long, conflicts_with_all = ["quick", "only", "peers", "no_probe"])]
    pub write: bool,

    /// List scenarios and peers
    #[arg(long)]
    pub list: bool,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    pub length: Duration,
    pub warm_up: Duration,
}

impl Args {
    pub fn effort(&self) -> Effort {
        let (rounds, length) = if self.quick { (3, 100) } else { (7, 1000) };
        let length = Duration::from_millis(self.length.unwrap_or(length));
        Effort {
            rounds: self.rounds.unwrap_or(rounds).max(1),
            length,
            warm_up: length / 2,
        }
    }

    pub fn scenarios(&self) -> anyhow::Result<Vec<&'static Scenario>> {
        select(&SCENARIOS, &self.only, |scenario| scenario.name)
    }

    pub fn entries(&self) -> anyhow::Result<Vec<&'static Entry>> {
        select(&ENTRIES, &self.peers, |entry| entry.name)
    }

    /// The command that makes this run again.
    pub fn command() -> String {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        format!("cargo xtask bench peers {}", arguments.join(" "))
            .trim_end()
            .to_owned()
    }
}

/// What was named, in the order of the list; everything when nothing was.
fn select<T>(
    all: &'static [T],
    wanted: &[String],
    name: impl Fn(&T) -> &'static str,
) -> anyhow::Result<Vec<&'static T>> {
    if let Some(unknown) = wanted
        .iter()
        .find(|wanted| !all.iter().any(|one| name(one) == **wanted))
    {
        bail!("there is no {unknown}; --list names what there is");
    }
    let is_wanted = |one: &&T| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name(one));
    Ok(all.iter().filter(is_wanted).collect())
}
