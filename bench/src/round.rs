//! Runs a scenario: every peer once a round, each round beginning with another one.

use crate::args::Effort;
use crate::burst::{Burst, Contestant};
use crate::peer::Unsupported;
use crate::peers::Entry;
use crate::scenario::{Headline, OPENING, Scenario};
use crate::server::Server;
use std::time::Duration;

/// Between two bursts: what the last peer left to background tasks comes to its end.
const SETTLE: Duration = Duration::from_millis(10);

/// A peer that has opened its connections.
pub struct Opened {
    pub entry: &'static Entry,
    pub near: Box<dyn Contestant>,
    /// Its connections through the delaying proxy.
    pub far: Option<Box<dyn Contestant>>,
}

impl Opened {
    /// Opens all connections of its pools: a pool that opens its last one in the middle of a burst would seem slow.
    pub async fn warm_up(&self, connections: usize) {
        for contestant in [Some(&self.near), self.far.as_ref()].into_iter().flatten() {
            let opening = Scenario {
                tasks: if self.entry.single {
                    1
                } else {
                    connections * 2
                },
                ..OPENING
            };
            // Whoever cannot read a row says so in the scenarios.
            let _ = contestant.burst(&opening, Duration::from_millis(200)).await;
        }
    }

    fn contestant(&self, scenario: &Scenario) -> Option<&dyn Contestant> {
        if self.entry.single && scenario.tasks > 1 {
            return None;
        }
        if scenario.delayed {
            self.far.as_deref()
        } else {
            Some(&*self.near)
        }
    }
}

/// What one burst showed, per operation where that makes sense. Times are microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample {
    pub per_second: f64,
    pub p50: Option<f64>,
    pub p99: Option<f64>,
    pub p999: Option<f64>,
    pub client_cpu: f64,
    pub server_cpu: f64,
    pub reports_per_second: f64,
}

impl Sample {
    fn new(burst: &Burst, client_cpu: Duration, server_cpu: Duration) -> Self {
        let seconds = burst.elapsed.as_secs_f64();
        let operations = burst.operations as f64;
        let time = |pick: fn(&crate::burst::Latency) -> Duration| {
            burst.latency.as_ref().map(|latency| micros(pick(latency)))
        };
        Self {
            per_second: operations / seconds,
            p50: time(|latency| latency.p50),
            p99: time(|latency| latency.p99),
            p999: time(|latency| latency.p999),
            client_cpu: micros(client_cpu) / operations,
            server_cpu: micros(server_cpu) / operations,
            reports_per_second: burst.reports as f64 / seconds,
        }
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A peer's medians in one scenario.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    pub entry: &'static Entry,
    pub median: Sample,
    /// Largest minus smallest headline of the rounds, in shares of its median: what the ratios are worth.
    pub spread: f64,
}

impl Line {
    /// None where the peer does not tell it.
    pub fn headline(&self, headline: Headline) -> Option<f64> {
        value(&self.median, headline)
    }
}

fn value(sample: &Sample, headline: Headline) -> Option<f64> {
    match headline {
        Headline::Rate => Some(sample.per_second),
        Headline::Median => sample.p50,
        Headline::Tail => sample.p99,
    }
}

/// Measures one scenario. Peers that have no form for it, or fail, are left out; failures are returned beside the lines.
pub async fn run(
    scenario: &'static Scenario,
    opened: &[Opened],
    effort: Effort,
    server: &Server,
) -> anyhow::Result<(Vec<Line>, Vec<String>)> {
    let mut failures = Vec::new();
    let mut running = Vec::new();
    for peer in opened {
        let Some(contestant) = peer.contestant(scenario) else {
            continue;
        };
        match contestant.burst(scenario, effort.warm_up).await {
            Ok(_) => running.push(Running {
                entry: peer.entry,
                contestant,
                samples: Vec::new(),
            }),
            Err(error) if error.is::<Unsupported>() => {}
            Err(error) => failures.push(failure(peer.entry, scenario, &error)),
        }
    }
    for round in 0..effort.rounds {
        let mut failed = Vec::new();
        for place in 0..running.len() {
            let turn = (place + round) % running.len();
            let peer = &mut running[turn];
            prepare(scenario, server).await?;
            match measure(scenario, peer.contestant, effort.length, server).await {
                Ok(sample) => peer.samples.push(sample),
                Err(error) => {
                    failures.push(failure(peer.entry, scenario, &error));
                    failed.push(peer.entry.who);
                }
            }
        }
        running.retain(|peer| !failed.contains(&peer.entry.who));
    }
    let lines = running
        .iter()
        .map(|peer| line(peer.entry, &peer.samples, scenario.headline))
        .collect();
    Ok((lines, failures))
}

struct Running<'a> {
    entry: &'static Entry,
    contestant: &'a dyn Contestant,
    samples: Vec<Sample>,
}

fn failure(entry: &Entry, scenario: &Scenario, error: &anyhow::Error) -> String {
    format!("{} in {}: {error:#}", entry.name, scenario.name)
}

async fn prepare(scenario: &Scenario, server: &Server) -> anyhow::Result<()> {
    if scenario.work.writes() {
        server.reset().await?;
    }
    tokio::time::sleep(SETTLE).await;
    Ok(())
}

async fn measure(
    scenario: &'static Scenario,
    contestant: &dyn Contestant,
    length: Duration,
    server: &Server,
) -> anyhow::Result<Sample> {
    let (client, backend) = (contestant.cpu(), server.cpu());
    let burst = contestant.burst(scenario, length).await?;
    let (client, backend) = (
        contestant.cpu().saturating_sub(client),
        server.cpu().saturating_sub(backend),
    );
    Ok(Sample::new(&burst, client, backend))
}

fn line(entry: &'static Entry, samples: &[Sample], headline: Headline) -> Line {
    let of = |pick: fn(&Sample) -> Option<f64>| median(samples.iter().filter_map(pick).collect());
    let median = Sample {
        per_second: of(|sample| Some(sample.per_second)).unwrap_or_default(),
        p50: of(|sample| sample.p50),
        p99: of(|sample| sample.p99),
        p999: of(|sample| sample.p999),
        client_cpu: of(|sample| Some(sample.client_cpu)).unwrap_or_default(),
        server_cpu: of(|sample| Some(sample.server_cpu)).unwrap_or_default(),
        reports_per_second: of(|sample| Some(sample.reports_per_second)).unwrap_or_default(),
    };
    let values: Vec<f64> = samples
        .iter()
        .filter_map(|sample| value(sample, headline))
        .collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    let spread = value(&median, headline).map_or(0.0, |middle| (most - least) / middle);
    Line {
        entry,
        median,
        spread,
    }
}

/// Of an even number, the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(f64::midpoint(values[last / 2], values[last.div_ceil(2)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0]), Some(3.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 9.0, 2.0]), Some(3.0));
    }
}
