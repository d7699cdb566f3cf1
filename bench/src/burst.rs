//! A short run of one operation by some tasks, and the times it took.

use crate::peer::Peer;
use crate::scenario::{Scenario, Work};
use crate::tables::{ACCOUNTS, AUTHORS, DOCUMENTS, Event, RELATED, REPORT_ROWS};
use anyhow::ensure;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How long a burst of a peer that hangs may last beyond its length.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a burst measured.
#[derive(Debug, Default)]
pub struct Burst {
    pub operations: u64,
    pub elapsed: Duration,
    pub latency: Option<Latency>,
    /// Reports that were finished beside the operations.
    pub reports: u64,
}

/// Times that 50, 99 and 99.9 % of the operations stayed below.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    pub p50: Duration,
    pub p99: Duration,
    pub p999: Duration,
}

impl Latency {
    /// None when there are no times.
    pub fn of(mut nanoseconds: Vec<u64>) -> Option<Self> {
        nanoseconds.sort_unstable();
        let last = nanoseconds.len().checked_sub(1)?;
        let at = |per_mille: usize| Duration::from_nanos(nanoseconds[last * per_mille / 1000]);
        Some(Self {
            p50: at(500),
            p99: at(990),
            p999: at(999),
        })
    }
}

/// Whoever can run a burst: a library in this process, or a program of its own.
pub trait Contestant: Send + Sync {
    fn burst<'a>(
        &'a self,
        scenario: &'a Scenario,
        length: Duration,
    ) -> BoxFuture<'a, anyhow::Result<Burst>>;

    /// Processor time the client side used so far.
    fn cpu(&self) -> Duration {
        crate::usage::own_cpu()
    }
}

/// A library in this process.
#[derive(Debug)]
pub struct Library<P>(pub Arc<P>);

impl<P: Peer> Contestant for Library<P> {
    fn burst<'a>(
        &'a self,
        scenario: &'a Scenario,
        length: Duration,
    ) -> BoxFuture<'a, anyhow::Result<Burst>> {
        let peer = &self.0;
        let tasks = scenario.tasks;
        match scenario.work {
            Work::Document => Box::pin(burst(peer, Document, tasks, length)),
            Work::Documents(limit) => Box::pin(burst(peer, Documents(limit), tasks, length)),
            Work::List(limit) => Box::pin(burst(peer, List(limit), tasks, length)),
            Work::Patch => Box::pin(burst(peer, Patch, tasks, length)),
            Work::Create => Box::pin(burst(peer, Create, tasks, length)),
            Work::Insert => Box::pin(burst(peer, Insert, tasks, length)),
            Work::InsertMany(count) => {
                let events = InsertMany(Event::many(count).into());
                Box::pin(burst(peer, events, tasks, length))
            }
            Work::Relations(count) => Box::pin(burst(peer, Relations(count), tasks, length)),
            Work::Transaction => Box::pin(burst(peer, Transaction, tasks, length)),
            Work::Checkout => Box::pin(burst(peer, Checkout, tasks, length)),
            Work::Connect => Box::pin(burst(peer, Connect, tasks, length)),
            Work::Beside(reporters) => Box::pin(async move {
                let reports = burst(peer, Report, reporters, length);
                let documents = burst(peer, Document, tasks, length);
                let (reports, documents) = tokio::try_join!(reports, documents)?;
                Ok(Burst {
                    reports: reports.operations,
                    ..documents
                })
            }),
        }
    }
}

/// One operation on a peer. A trait rather than a closure: its futures must be known to be `Send`.
trait Operation: Clone + Send + Sync + 'static {
    fn run<P: Peer>(
        &self,
        peer: &P,
        random: u64,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;
}

async fn burst<P: Peer, O: Operation>(
    peer: &Arc<P>,
    operation: O,
    tasks: usize,
    length: Duration,
) -> anyhow::Result<Burst> {
    let began = Instant::now();
    let end = began + length;
    let mut running = JoinSet::new();
    for task in 0..tasks {
        running.spawn(repeat(peer.clone(), operation.clone(), task as u64, end));
    }
    let mut times = Vec::new();
    let all = async {
        while let Some(ended) = running.join_next().await {
            times.extend(ended??);
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(length + PATIENCE, all)
        .await
        .map_err(|_| anyhow::anyhow!("still running {PATIENCE:?} after the end of the burst"))??;
    Ok(Burst {
        operations: times.len() as u64,
        elapsed: began.elapsed(),
        latency: Latency::of(times),
        reports: 0,
    })
}

/// Repeats an operation until `end`, at least once; returns how long each took, in nanoseconds.
async fn repeat<P: Peer, O: Operation>(
    peer: Arc<P>,
    operation: O,
    task: u64,
    end: Instant,
) -> anyhow::Result<Vec<u64>> {
    let mut random = Random::new(task);
    let mut times = Vec::with_capacity(4096);
    let mut before = Instant::now();
    loop {
        operation.run(&*peer, random.draw()).await?;
        let now = Instant::now();
        times.push(u64::try_from((now - before).as_nanos()).unwrap_or(u64::MAX));
        before = now;
        if now >= end {
            return Ok(times);
        }
    }
}

/// Which row comes next: `SplitMix64`, the same sequence for every peer.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xA076_1D64_78BD_642F))
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// A key of a table with this many rows.
pub fn key(random: u64, rows: u64) -> i64 {
    i64::try_from(random % rows).unwrap_or_default() + 1
}

#[derive(Clone)]
struct Document;

impl Operation for Document {
    async fn run<P: Peer>(&self, peer: &P, random: u64) -> anyhow::Result<()> {
        let id = key(random, DOCUMENTS);
        let read = peer.document(id).await?;
        ensure!(read == id, "document {read} was read instead of {id}");
        Ok(())
    }
}

#[derive(Clone)]
struct Documents(i64);

impl Operation for Documents {
    async fn run<P: Peer>(&self, peer: &P, _random: u64) -> anyhow::Result<()> {
        let read = peer.documents(self.0).await?;
        ensure!(read as i64 == self.0, "{read} documents were read");
        Ok(())
    }
}

#[derive(Clone)]
struct List(i64);

impl Operation for List {
    async fn run<P: Peer>(&self, peer: &P, _random: u64) -> anyhow::Result<()> {
        let read = peer.list(self.0).await?;
        ensure!(read as i64 == self.0, "{read} documents were listed");
        Ok(())
    }
}

#[derive(Clone)]
struct Patch;

impl Operation for Patch {
    async fn run<P: Peer>(&self, peer: &P, random: u64) -> anyhow::Result<()> {
        let id = key(random, DOCUMENTS);
        let changed = peer.patch(id, title(random)).await?;
        ensure!(
            changed == id,
            "document {changed} was changed instead of {id}"
        );
        Ok(())
    }
}

/// A title that is new.
pub fn title(random: u64) -> String {
    format!("Title number {random}")
}

#[derive(Clone)]
struct Create;

impl Operation for Create {
    async fn run<P: Peer>(&self, peer: &P, random: u64) -> anyhow::Result<()> {
        let event = Event::numbered(random);
        let owner = peer.create(&event).await?;
        ensure!(owner == event.owner_id, "an event of {owner} was created");
        Ok(())
    }
}

#[derive(Clone)]
struct Insert;

impl Operation for Insert {
    async fn run<P: Peer>(&self, peer: &P, random: u64) -> anyhow::Result<()> {
        peer.insert(&Event::numbered(random)).await
    }
}

#[derive(Clone)]
struct InsertMany(Arc<[Event]>);

impl Operation for InsertMany {
    async fn run<P: Peer>(&self, peer: &P, _random: u64) -> anyhow::Result<()> {
        peer.insert_many(&self.0).await
    }
}

#[derive(Clone)]
struct Relations(u64);

impl Operation for Relations {
    async fn run<P: Peer>(&self, peer: &P, random: u64) -> anyhow::Result<()> {
        let authors = authors(random, self.0);
        let found = peer.relations(&authors).await?;
        let expected = authors.len() * RELATED;
        ensure!(
            found == expected,
            "{found} related rows were read instead of {expected}"
        );
        Ok(())
    }
}

/// The keys of this many authors.
pub fn authors(random: u64, count: u64) -> Vec<Uuid> {
    let numbers = (0..count).map(|place| (random % AUTHORS + place) % AUTHORS + 1);
    numbers
        .map(|number| Uuid::from_u128(number.into()))
        .collect()
}

#[derive(Clone)]
struct Transaction;

impl Operation for Transaction {
    async fn run<P: Peer>(&self, peer: &P, random: u64) -> anyhow::Result<()> {
        peer.transaction(key(random, ACCOUNTS)).await
    }
}

#[derive(Clone)]
struct Checkout;

impl Operation for Checkout {
    async fn run<P: Peer>(&self, peer: &P, _random: u64) -> anyhow::Result<()> {
        peer.checkout().await
    }
}

#[derive(Clone)]
struct Connect;

impl Operation for Connect {
    async fn run<P: Peer>(&self, peer: &P, _random: u64) -> anyhow::Result<()> {
        peer.connect().await
    }
}

#[derive(Clone)]
struct Report;

impl Operation for Report {
    async fn run<P: Peer>(&self, peer: &P, _random: u64) -> anyhow::Result<()> {
        let read = peer.report().await?;
        ensure!(read == REPORT_ROWS, "the report has {read} rows");
        Ok(())
    }
}
