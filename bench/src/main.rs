//! Runs the comparison; see the README.

use clap::Parser;
use std::process::ExitCode;
use std::time::Duration;
use underpin_bench::args::Args;
use underpin_bench::peers::{self, ENTRIES, Entry, Who};
use underpin_bench::report::Outcome;
use underpin_bench::round::{self, Opened};
use underpin_bench::scenario::{SCENARIOS, Scenario};
use underpin_bench::server::Server;
use underpin_bench::{goals, machine, page, pinning, probe, proxy};

/// What the proxy adds.
const ROUND_TRIP: Duration = Duration::from_millis(1);

fn main() -> ExitCode {
    let args = Args::parse();
    if args.list {
        list();
        return ExitCode::SUCCESS;
    }
    match start(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    println!("scenarios:");
    for scenario in &SCENARIOS {
        println!("  {:<18} {}", scenario.name, scenario.title);
    }
    println!("peers:");
    for entry in &ENTRIES {
        println!("  {:<18} {}", entry.name, entry.about);
    }
}

/// The runtime is built where it will run: Tokio makes a worker thread for each core that it may use.
fn start(args: &Args) -> anyhow::Result<()> {
    if args.pin {
        pinning::move_to(pinning::SERVER)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(args))
}

async fn run(args: &Args) -> anyhow::Result<()> {
    let (scenarios, entries) = (args.scenarios()?, args.entries()?);
    let load = machine::load();
    if load > 0.5 {
        println!(
            "note: the machine is busy (load {load:.1}): ratios are rough, absolute numbers mean nothing"
        );
    }
    let server = Server::start(args.socket).await?;
    if args.pin {
        // The server's processes stay where they are.
        pinning::move_to(pinning::CLIENT)?;
    }
    let outcome = measure(args, &server, &scenarios, &entries).await;
    server.stop().await?;
    outcome
}

async fn measure(
    args: &Args,
    server: &Server,
    scenarios: &[&'static Scenario],
    entries: &[&'static Entry],
) -> anyhow::Result<()> {
    let effort = args.effort();
    let preamble = page::preamble(args, effort, server.version());
    println!("{preamble}");
    let far = scenarios.iter().any(|scenario| scenario.delayed);
    let opened = open(args, server, entries, far).await?;
    let (mut outcomes, mut failures) = (Vec::new(), Vec::new());
    for scenario in scenarios {
        let (lines, failed) = round::run(scenario, &opened, effort, server).await?;
        let outcome = Outcome { scenario, lines };
        print!("{}", outcome.table().text());
        outcomes.push(outcome);
        failures.extend(failed);
    }
    let mut tables: Vec<_> = outcomes.iter().map(Outcome::table).collect();
    if !args.no_probe {
        let probes = probe(args, server, entries).await;
        print!("{}", probe::table(&probes).text());
        tables.push(probe::table(&probes));
    }
    let goals = goals::table(&outcomes);
    print!("{}", goals.text());
    for failure in &failures {
        println!("failed: {failure}");
    }
    if args.write {
        let written = page::write(args, &preamble, &goals, &tables)?;
        println!("wrote {written}");
    }
    Ok(())
}

/// Opens every peer, near the server and behind the proxy; says who cannot take part and why.
async fn open(
    args: &Args,
    server: &Server,
    entries: &[&'static Entry],
    far: bool,
) -> anyhow::Result<Vec<Opened>> {
    let port = if far {
        let (host, port) = server.address().host();
        // The proxy reaches the server by TCP, also when the peers beside it use the socket.
        let host = if args.socket {
            String::from("127.0.0.1")
        } else {
            host
        };
        Some(proxy::start((host, port), ROUND_TRIP)?)
    } else {
        None
    };
    let mut opened = Vec::new();
    for entry in entries {
        let near = match peers::open(entry.who, server, server.address(), args.connections).await {
            Ok(near) => near,
            Err(reason) => {
                println!("skipped: {}: {reason:#}", entry.name);
                continue;
            }
        };
        let far = match port {
            Some(port) if !entry.single => {
                let address = server.address().at_port(port);
                Some(peers::open(entry.who, server, &address, args.connections).await?)
            }
            _ => None,
        };
        let peer = Opened { entry, near, far };
        peer.warm_up(args.connections).await;
        opened.push(peer);
    }
    Ok(opened)
}

async fn probe(
    args: &Args,
    server: &Server,
    entries: &[&'static Entry],
) -> Vec<(&'static Entry, probe::Probe)> {
    let mut probes = Vec::new();
    for entry in entries {
        if matches!(entry.who, Who::Pgbench | Who::SqlAlchemy) {
            continue;
        }
        match probe::run(entry, server.address(), args.connections).await {
            Ok(found) => probes.push((*entry, found)),
            Err(reason) => println!("skipped: memory of {}: {reason:#}", entry.name),
        }
    }
    probes
}
