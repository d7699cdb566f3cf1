//! Runs repeatable files: all in one transaction, so that nobody ever misses a view, and in whichever order works.
//!
//! What a file drops along with its own (CASCADE), and other files have made, is made again by running those once more. What
//! nobody makes again is not lost: the transaction is rolled back, and the error names it.

use super::Migrator;
use super::attempts::Attempts;
use super::failure::{Failure, Trouble};
use super::lock::Lock;
use super::objects::{Gone, Objects};
use super::script;
use super::step::{FRESH_SESSION, not_committed};
use crate::files::Repeatable;
use crate::progress::Event;
use crate::{Error, ledger};
use std::collections::BTreeMap;
use std::sync::Arc;
use underpin_core::ErrorKind;
use underpin_pool::Transaction;

/// Of what was taken along at most so many are named.
const NAMED_MAX: usize = 10;

/// Runs the files, again when a lock was not to be had.
pub(super) async fn run(
    lock: &mut Lock,
    migrator: &Migrator,
    repeatables: &[Arc<Repeatable>],
) -> Result<(), Error> {
    if repeatables.is_empty() {
        return Ok(());
    }
    let mut attempts = Attempts::new(migrator);
    loop {
        let failed = match try_all(lock, migrator, repeatables).await {
            Ok(()) => return Ok(()),
            Err(Trouble::Failure(failed)) => failed,
            Err(Trouble::Error(error)) => return Err(error),
        };
        if !attempts.may_help(failed.error.kind()) {
            return Err(failure(failed));
        }
        let statement = failed.statement;
        attempts.pause(statement.file(), statement.ordinal()).await;
    }
}

async fn try_all<'a>(
    lock: &mut Lock,
    migrator: &Migrator,
    repeatables: &'a [Arc<Repeatable>],
) -> Result<(), Trouble<'a>> {
    let held = lock.held();
    let tx = lock.session().begin();
    held.check(&tx).await?;
    let mut run = Run {
        tx: &tx,
        migrator,
        ran: BTreeMap::new(),
        count: 0,
        gone: BTreeMap::new(),
    };
    run.rounds(repeatables.iter().map(Arc::as_ref).collect())
        .await?;
    run.make_again(repeatables).await?;
    tx.commit().await.map_err(not_committed)?;
    for repeatable in repeatables {
        migrator.progress.tell(&Event::RepeatableDone {
            file: repeatable.script.file(),
        });
    }
    Ok(())
}

/// What is known while the files are run.
struct Run<'t, 'a> {
    tx: &'t Transaction<'t>,
    migrator: &'t Migrator,
    /// When each file was run last, by its place in the order of all runs.
    ran: BTreeMap<&'a str, usize>,
    count: usize,
    /// What files have dropped, by its title: when, why, and which file.
    gone: BTreeMap<String, (usize, Gone, &'a str)>,
}

impl<'a> Run<'_, 'a> {
    /// Runs files in whichever order works.
    async fn rounds(&mut self, mut open: Vec<&'a Repeatable>) -> Result<(), Trouble<'a>> {
        // Each round runs at least one file, or is the last.
        while !open.is_empty() {
            let mut postponed = Vec::new();
            let mut first_failure = None;
            for repeatable in open.iter().copied() {
                match self.one(repeatable).await {
                    Ok(()) => {}
                    Err(Trouble::Failure(failure)) if may_work_later(&failure.error) => {
                        postponed.push(repeatable);
                        first_failure.get_or_insert(failure);
                    }
                    Err(trouble) => return Err(trouble),
                }
            }
            if postponed.len() == open.len()
                && let Some(failure) = first_failure
            {
                return Err(failure.into());
            }
            open = postponed;
        }
        Ok(())
    }

    /// Runs a file, and notes what it has dropped.
    async fn one(&mut self, repeatable: &'a Repeatable) -> Result<(), Trouble<'a>> {
        let before = match repeatable.drops() {
            true => Some(Objects::read(self.tx).await?),
            false => None,
        };
        try_one(self.tx, self.migrator, repeatable).await?;
        self.count += 1;
        self.ran.insert(&repeatable.name, self.count);
        if let Some(before) = before {
            let after = Objects::read(self.tx).await?;
            for (title, why) in before.gone(&after, repeatable) {
                let file = repeatable.script.file();
                self.gone.insert(title, (self.count, why, file));
            }
        }
        Ok(())
    }

    /// Runs files again as long as that makes what others have dropped.
    async fn make_again(&mut self, repeatables: &'a [Arc<Repeatable>]) -> Result<(), Trouble<'a>> {
        let mut missing = usize::MAX;
        loop {
            if self.gone.is_empty() {
                return Ok(());
            }
            let now = Objects::read(self.tx).await?;
            self.gone.retain(|title, _| !now.has(title));
            let latest = self.gone.values().map(|(when, ..)| *when).max();
            let Some(latest) = latest.filter(|_| self.gone.len() < missing) else {
                return self.settle();
            };
            missing = self.gone.len();
            let ran_before =
                |it: &&Repeatable| self.ran.get(&*it.name).is_none_or(|when| *when < latest);
            let again: Vec<_> = repeatables
                .iter()
                .map(Arc::as_ref)
                .filter(ran_before)
                .collect();
            self.rounds(again).await?;
        }
    }

    /// What no file has made again: refused when nobody meant it to go.
    fn settle(&self) -> Result<(), Trouble<'a>> {
        let taken = self
            .gone
            .iter()
            .filter(|(_, (_, why, _))| *why == Gone::TakenAlong);
        let taken: Vec<_> = taken
            .map(|(title, (_, _, file))| (title.as_str(), *file))
            .collect();
        if let Some((_, file)) = taken.first() {
            return Err(taken_along(file, &taken).into());
        }
        for (title, (_, why, file)) in &self.gone {
            if *why == Gone::Privilege {
                let message = format!("{file}: what it drops and makes again has lost {title}");
                self.migrator
                    .progress
                    .tell(&Event::Warning { message: &message });
            }
        }
        Ok(())
    }
}

async fn try_one<'a>(
    tx: &Transaction<'_>,
    migrator: &Migrator,
    repeatable: &'a Repeatable,
) -> Result<(), Trouble<'a>> {
    let savepoint = tx.savepoint().await.map_err(not_prepared)?;
    savepoint.batch(FRESH_SESSION).await.map_err(not_prepared)?;
    let script = &repeatable.script;
    let ran = script::run(&savepoint, "LOCAL", migrator, script, script.statements()?).await;
    match ran {
        Ok(()) => {
            // The file may have taken on another role; the ledger is the connection's own.
            savepoint.batch(FRESH_SESSION).await.map_err(not_prepared)?;
            ledger::write_repeatable(&savepoint, migrator.chain.name(), repeatable).await?;
            savepoint.release().await.map_err(not_prepared)?;
            Ok(())
        }
        Err(trouble) => {
            savepoint.rollback().await.map_err(not_prepared)?;
            Err(trouble)
        }
    }
}

/// What a file needs may be made, and what is in its way be changed, by one that comes after it.
fn may_work_later(error: &underpin_pool::Error) -> bool {
    const DEPENDENT_OBJECTS: &str = "2BP01";
    const FEATURE_NOT_SUPPORTED: &str = "0A000";
    error.kind() == ErrorKind::Sql
        || matches!(
            error.code(),
            Some(DEPENDENT_OBJECTS | FEATURE_NOT_SUPPORTED)
        )
}

fn taken_along(file: &str, taken: &[(&str, &str)]) -> Error {
    let shown: Vec<_> = taken
        .iter()
        .take(NAMED_MAX)
        .map(|(title, _)| *title)
        .collect();
    let more = match taken.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "{file}: what it drops takes along what no repeatable file makes again: {}{more}",
        shown.join(", ")
    );
    Error::new(ErrorKind::Refused, message).with_hint(
        "write CREATE OR REPLACE instead of DROP … CASCADE, or make these objects in a repeatable file, too; of the \
         repeatable files none was run",
    )
}

fn failure(failure: Failure<'_>) -> Error {
    let place = failure.place();
    let message = format!("{place}: the repeatable file failed in whichever order");
    let hint = match failure.error.hint() {
        Some(hint) => format!("{hint}; of the repeatable files none was run"),
        None if failure.error.kind().is_unavailable() => String::from(
            "the connection ended, the file is not at fault: run the command again; of the repeatable files none was run",
        ),
        None => String::from("correct the file: of the repeatable files none was run"),
    };
    Error::caused_by(message, failure.error).with_hint(hint)
}

fn not_prepared(error: underpin_pool::Error) -> Error {
    Error::caused_by("could not prepare the session for a repeatable file", error)
}
