//! The course of events: writers start, faults come and go, writers stop, the judge reads.

use crate::fault::Schedule;
use crate::judge::judge;
use crate::ledger::Ledger;
use crate::memory::Memory;
use crate::others::others;
use crate::report::{Faults, closing_line, say};
use crate::stage::{Stage, hold};
use crate::writer::Writer;
use crate::{Error, Task};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::signal::ctrl_c;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use underpin_core::ErrorKind;

const WRITERS: usize = 32;
/// How long the writers may take to finish what they are doing.
const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// Runs it all; true when every promise was kept.
pub(crate) async fn conduct(task: Task, writers: &Handle) -> Result<bool, Error> {
    let Task { length, seed } = task;
    let minutes = length.as_secs_f64() / 60.0;
    say(format_args!(
        "soak: {minutes} min, {WRITERS} writers; the same faults again with --seed {seed}"
    ));
    let mut stage = Stage::set(writers).await?;
    say(format_args!("the server says: {}", stage.greeting().await?));
    let ledger = Arc::new(Ledger::new(WRITERS));
    let stop = watch::Sender::new(false);
    let mut tasks = JoinSet::new();
    for number in 0..WRITERS {
        let (db, ledger) = (stage.db.clone(), ledger.clone());
        let writer = Writer::new(number, seed, db, ledger, stop.subscribe());
        tasks.spawn_on(writer.run(), writers);
    }
    for other in others(seed, &stage.db, &ledger, &stop) {
        tasks.spawn_on(other, writers);
    }
    let mut memory = Memory::default();
    let played = tokio::select! {
        played = play(task, &mut stage, &ledger, &mut memory) => played,
        _ = ctrl_c() => Err(Error::new(ErrorKind::Cancelled, "interrupted")),
    };
    stop.send_replace(true);
    let outcome = match played {
        Ok(faults) => finish(&stage, tasks).await.map(|()| faults),
        Err(error) => Err(error),
    };
    ledger.errors().iter().for_each(say);
    let faults = outcome.inspect_err(|_| {
        ledger.doing().iter().for_each(say);
        say(format_args!("{:?}", stage.db.status()));
        say(format_args!("soak: no verdict; hung = {}", ledger.hung()));
    })?;
    let verdict = judge(&stage.direct().await?, &ledger).await?;
    for complaints in [&verdict.wrong, &verdict.left] {
        complaints.first.iter().for_each(say);
    }
    let attempts = ledger.attempts();
    say(closing_line(minutes, &faults, attempts, &verdict, &memory));
    Ok(verdict.is_clean() && memory.is_flat())
}

/// One fault after another; each must be survived before the next one comes.
async fn play(
    task: Task,
    stage: &mut Stage,
    ledger: &Ledger,
    memory: &mut Memory,
) -> Result<Faults, Error> {
    let began = Instant::now();
    let mut faults = Faults::default();
    for planned in Schedule::new(task.seed) {
        if began.elapsed() + planned.calm >= task.length {
            break;
        }
        hold(planned.calm).await;
        let happened = began.elapsed();
        stage.inflict(&planned).await?;
        let recovery = stage.recovered(ledger).await.inspect_err(|_| {
            say(format_args!("after: {planned}"));
        })?;
        faults.add(planned.fault, recovery);
        memory.look();
        say(format_args!(
            "{:7.1} s  {planned}, all writers served again after {recovery:.1?}",
            happened.as_secs_f64(),
        ));
    }
    Ok(faults)
}

async fn finish(stage: &Stage, mut tasks: JoinSet<()>) -> Result<(), Error> {
    let stopped = async {
        while let Some(ended) = tasks.join_next().await {
            ended.map_err(|cause| {
                Error::new(ErrorKind::Internal, "a writer panicked").with_source(cause)
            })?;
        }
        Ok(())
    };
    let stopped = timeout(STOP_DEADLINE, stopped).await;
    stopped.map_err(|_| Error::late("the writers to stop", STOP_DEADLINE))??;
    stage.close().await
}
