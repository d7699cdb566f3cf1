//! One operation of one peer over and over on one thread, for perf and callgrind:
//! `valgrind --tool=callgrind target/release/spin underpin-sessions point-1 5000`.
//!
//! Instructions an operation, without what the start costs: run it with two counts, and divide the difference.

use anyhow::{Context, bail};
use futures_util::future::LocalBoxFuture;
use underpin_bench::burst::{Random, authors, key, title};
use underpin_bench::peer::Peer;
use underpin_bench::peers::{ENTRIES, Visitor, with_library};
use underpin_bench::scenario::{SCENARIOS, Work};
use underpin_bench::server::Server;
use underpin_bench::tables::{ACCOUNTS, DOCUMENTS, Event};

const USAGE: &str = "usage: spin PEER SCENARIO COUNT";

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let peer = arguments.next().context(USAGE)?;
    let scenario = arguments.next().context(USAGE)?;
    let count = arguments.next().context(USAGE)?.parse()?;
    let entry = ENTRIES.iter().find(|entry| entry.name == peer);
    let entry = entry.with_context(|| format!("there is no peer {peer}"))?;
    let scenario = SCENARIOS.iter().find(|one| one.name == scenario);
    let work = scenario.context("there is no such scenario")?.work;
    let server = Server::start(false).await?;
    let spin = with_library(entry.who, server.address(), 10, Spin { work, count }).await;
    let outcome = match spin {
        Ok(spin) => spin.await,
        Err(error) => Err(error),
    };
    server.stop().await?;
    outcome
}

struct Spin {
    work: Work,
    count: u64,
}

impl Visitor for Spin {
    type Output = LocalBoxFuture<'static, anyhow::Result<()>>;

    fn visit<P: Peer>(self, peer: P) -> Self::Output {
        Box::pin(spin(peer, self.work, self.count))
    }
}

async fn spin<P: Peer>(peer: P, work: Work, count: u64) -> anyhow::Result<()> {
    let mut random = Random::new(1);
    let events = match work {
        Work::InsertMany(count) => Event::many(count),
        _ => Event::many(1),
    };
    for _ in 0..count {
        let random = random.draw();
        match work {
            Work::Document => drop(peer.document(key(random, DOCUMENTS)).await?),
            Work::Documents(limit) => drop(peer.documents(limit).await?),
            Work::List(limit) => drop(peer.list(limit).await?),
            Work::Patch => drop(peer.patch(key(random, DOCUMENTS), title(random)).await?),
            Work::Create => drop(peer.create(&events[0]).await?),
            Work::Insert => peer.insert(&events[0]).await?,
            Work::InsertMany(_) => peer.insert_many(&events).await?,
            Work::Relations(count) => drop(peer.relations(&authors(random, count)).await?),
            Work::Transaction => peer.transaction(key(random, ACCOUNTS)).await?,
            Work::Checkout => peer.checkout().await?,
            Work::Connect => peer.connect().await?,
            Work::Beside(_) => bail!("that needs many tasks"),
        }
    }
    Ok(())
}
