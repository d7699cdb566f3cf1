//! Counts what one peer allocates, in a process where nothing else does. Started by `underpin-bench`.

use anyhow::Context;
use futures_util::future::{LocalBoxFuture, join_all};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use underpin_bench::address::Address;
use underpin_bench::burst::{Random, key, title};
use underpin_bench::peer::{Peer, Unsupported};
use underpin_bench::peers::{ENTRIES, Visitor, with_library};
use underpin_bench::probe::{Allocated, Probe};
use underpin_bench::tables::{ACCOUNTS, DOCUMENTS, Event};
use underpin_bench::usage;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const OPERATIONS: u32 = 1000;
const RESULTS: u32 = 3;

/// One thread: everything a peer does in the background happens between the two looks at the counter.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().context("usage: probe PEER CONNECTIONS")?;
    let connections: usize = arguments
        .next()
        .context("usage: probe PEER CONNECTIONS")?
        .parse()?;
    let url = std::env::var("BENCH_URL").context("BENCH_URL is not set")?;
    let address = Address::new(url.parse()?);
    let entry = ENTRIES.iter().find(|entry| entry.name == name);
    let entry = entry.with_context(|| format!("there is no peer {name}"))?;
    let visitor = Probing {
        connections: if entry.single { 1 } else { connections },
    };
    let probe = with_library(entry.who, &address, connections, visitor)
        .await?
        .await?;
    println!("{}", serde_json::to_string(&probe)?);
    Ok(())
}

struct Probing {
    connections: usize,
}

impl Visitor for Probing {
    type Output = LocalBoxFuture<'static, anyhow::Result<Probe>>;

    fn visit<P: Peer>(self, peer: P) -> Self::Output {
        Box::pin(probe(peer, self.connections))
    }
}

async fn probe<P: Peer>(peer: P, connections: usize) -> anyhow::Result<Probe> {
    // Every connection is opened, and knows the statement.
    for _ in 0..20 {
        let reads = (1..=connections).map(|id| peer.document(id as i64));
        for read in join_all(reads).await {
            read?;
        }
    }
    let mut random = Random::new(1);
    let mut probe = Probe {
        memory_kb: usage::memory_kb("VmRSS"),
        ..Probe::default()
    };
    probe.document = count(OPERATIONS, 1, async || {
        peer.document(key(random.draw(), DOCUMENTS)).await.map(drop)
    })
    .await?;
    probe.list = count(OPERATIONS, 1, async || peer.list(50).await.map(drop)).await?;
    probe.patch = count(OPERATIONS, 1, async || {
        let random = random.draw();
        peer.patch(key(random, DOCUMENTS), title(random))
            .await
            .map(drop)
    })
    .await?;
    let event = Event::numbered(7);
    probe.create = count(OPERATIONS, 1, async || peer.create(&event).await.map(drop)).await?;
    probe.insert = count(OPERATIONS, 1, async || peer.insert(&event).await).await?;
    probe.transaction = count(OPERATIONS, 1, async || {
        peer.transaction(key(random.draw(), ACCOUNTS)).await
    })
    .await?;
    probe.checkout = count(OPERATIONS, 1, async || peer.checkout().await).await?;
    let rows = u32::try_from(DOCUMENTS)?;
    probe.row = count(RESULTS, rows, async || {
        peer.documents(DOCUMENTS as i64).await.map(drop)
    })
    .await?;
    probe.peak_kb = usage::memory_kb("VmHWM");
    Ok(probe)
}

/// Allocations of an operation that does `parts` things at once; the first runs, which fill caches, do not count.
async fn count(
    times: u32,
    parts: u32,
    mut operation: impl AsyncFnMut() -> anyhow::Result<()>,
) -> anyhow::Result<Option<Allocated>> {
    for _ in 0..times.div_ceil(10) {
        match operation().await {
            Err(error) if error.is::<Unsupported>() => return Ok(None),
            outcome => outcome?,
        }
    }
    let region = Region::new(COUNTING);
    for _ in 0..times {
        operation().await?;
    }
    let change = region.change();
    let all = f64::from(times) * f64::from(parts);
    Ok(Some(Allocated {
        count: (change.allocations + change.reallocations) as f64 / all,
        bytes: change.bytes_allocated as f64 / all,
    }))
}
