//! Watches the statements of a way back while they run: what they destroy is looked at, counted and kept in the transaction
//! that destroys it, under the lock that it takes, so that nobody can add to it in between.

use super::doomed::Doomed;
use super::keep::{Keeper, keep};
use super::look::{self, Forecast};
use super::measure::{self, Counted};
use super::seen::{Gone, Made, Seen};
use super::{DataLoss, Loss, Lost, refuse_late};
use crate::execute::execute;
use crate::sql::{Class, Effect, Statement, Takes};
use crate::{Error, Settings};
use std::time::Duration;
use underpin_pool::Transaction;

/// Watches the statements of one plan.
#[derive(Debug)]
pub(crate) struct Guard {
    allowed: DataLoss,
    /// How long counting a table may take.
    timeout: Duration,
    made: Made,
}

/// Why a statement was not run, or is taken back.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The server's error.
    Failed(underpin_pool::Error),
    /// It destroys what nobody has allowed, or it could not be kept.
    Refused(Error),
}

impl From<underpin_pool::Error> for Stop {
    fn from(error: underpin_pool::Error) -> Self {
        Self::Failed(error)
    }
}

impl Guard {
    /// None when all may go.
    pub(crate) fn new(settings: &Settings) -> Option<Self> {
        let allowed = settings.data_loss;
        (allowed != DataLoss::Allow).then(|| Self {
            allowed,
            timeout: settings.data_timeout,
            made: Made::default(),
        })
    }

    /// Runs a statement, unless it destroys what nobody has allowed; what it destroys is kept first, when that is wanted.
    /// After a [`Stop`] the transaction must be rolled back.
    pub(crate) async fn run(
        &mut self,
        tx: &Transaction<'_>,
        statement: &Statement,
        keeper: &Keeper<'_>,
    ) -> Result<u64, Stop> {
        if statement.class() == Class::Setting {
            return Ok(execute(tx, statement).await?);
        }
        let effect = statement.effect();
        if let Some(why) = look::unknown(tx, statement, &effect).await? {
            self.refuse(&[Loss::unknown(statement, why)])?;
            return Ok(execute(tx, statement).await?);
        }
        let mut before = Seen::take(tx).await?;
        let mut foreseen = Gone::default();
        let mut overwritten = None;
        match &effect {
            Effect::Takes(takes) => {
                foreseen = self.prepare(tx, statement, takes, &before, keeper).await?;
                before = Seen::take(tx).await?;
            }
            Effect::Rows(Some(update)) => {
                overwritten = look::overwritten(tx, update, &before, &self.made).await?;
            }
            Effect::Rows(None) | Effect::Keeps | Effect::Unknown(_) => {}
        }
        let rows = execute(tx, statement).await?;
        let after = Seen::take(tx).await?;
        let moments = (&before, &after, &self.made);
        let mut losses = look::done(statement, moments, overwritten.as_ref());
        losses.extend(look::unforeseen(statement, moments, &foreseen));
        self.refuse(&losses)?;
        self.made.note(&before, &after);
        Ok(rows)
    }

    /// Finds out what a statement takes away, locks that, counts it, and keeps it when that is wanted.
    async fn prepare(
        &self,
        tx: &Transaction<'_>,
        statement: &Statement,
        takes: &Takes,
        before: &Seen,
        keeper: &Keeper<'_>,
    ) -> Result<Gone, Stop> {
        let Forecast {
            gone,
            doomed,
            casts,
            trouble: _,
            fails,
        } = look::forecast(tx, statement, takes, before, &self.made).await?;
        if fails {
            // It is run all the same: its error then is the statement's own, with its place.
            return Ok(Gone::default());
        }
        // The trial was taken back and its locks with it: now they are taken for good. What others have added in between
        // is unforeseen, and what they have written is counted.
        for doomed in doomed.iter().chain(casts.iter().map(|(it, _)| it)) {
            if let Err(why) = lock(tx, doomed, before).await? {
                self.refuse(&[Loss::unknown(statement, why)])?;
            }
        }
        let mut losses: Vec<(Doomed, Lost, Counted)> = Vec::new();
        let mut kept = Vec::new();
        for doomed in doomed {
            let counted = measure::count(tx, &doomed, before, self.timeout).await?;
            let what = doomed.lost();
            losses.push((doomed, what, counted));
        }
        for (doomed, new) in casts {
            let counted = measure::casts(tx, &doomed, before, new.as_ref(), self.timeout).await?;
            losses.push((doomed, Lost::Casts, counted));
        }
        let mut refused = Vec::new();
        for (doomed, what, counted) in losses {
            let object = doomed.describe(before);
            match counted {
                Ok(0) => {}
                Ok(count) => {
                    refused.push(Loss::counted(statement, object, what, count));
                    kept.push(doomed);
                }
                Err(why) => refused.push(Loss::unknown(statement, format!("{object}: {why}"))),
            }
        }
        self.refuse(&refused)?;
        for doomed in &in_order(tx, kept).await? {
            keep(tx, keeper, statement, doomed, before)
                .await
                .map_err(Stop::Refused)?;
        }
        Ok(gone)
    }

    fn refuse(&self, losses: &[Loss]) -> Result<(), Stop> {
        refuse_late(losses, self.allowed).map_err(Stop::Refused)
    }
}

/// Locks what will be dropped; the statement does so anyway. Says when it is another table by now.
async fn lock(
    tx: &Transaction<'_>,
    doomed: &Doomed,
    before: &Seen,
) -> Result<Result<(), String>, underpin_pool::Error> {
    for (id, _) in &doomed.parts {
        let Some(table) = before.tables.get(id) else {
            continue;
        };
        let (name, relation) = (&table.name, table.relation());
        let attempt = tx.savepoint().await?;
        let sql = format!("LOCK TABLE {relation} IN ACCESS EXCLUSIVE MODE");
        let locked = match attempt.batch(&sql).await {
            Ok(()) => {
                attempt
                    .query_one("SELECT to_regclass($1)::oid", &[name])
                    .await
            }
            Err(error) => Err(error),
        };
        match measure::or_reason(locked)? {
            Ok(row) => {
                let now: Option<u32> = row.get(0)?;
                attempt.release().await?;
                if now != Some(*id) {
                    return Ok(Err(format!(
                        "{name} was changed by somebody else meanwhile"
                    )));
                }
            }
            Err(why) => {
                attempt.rollback().await?;
                return Ok(Err(format!("{name} cannot be locked: {why}")));
            }
        }
    }
    Ok(Ok(()))
}

/// Tables that refer to others first: `restore` brings back what was kept last first.
async fn in_order(
    tx: &Transaction<'_>,
    mut doomed: Vec<Doomed>,
) -> Result<Vec<Doomed>, underpin_pool::Error> {
    let tables: Vec<u32> = doomed.iter().map(|it| it.table).collect();
    let sql = "\
SELECT conrelid, confrelid FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY ($1) AND confrelid = ANY ($1) AND conrelid <> confrelid";
    let rows = tx.query(sql, &[&tables]).await?;
    let references: Vec<(u32, u32)> = rows
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .collect::<Result<_, underpin_pool::Error>>()?;
    let mut ordered = Vec::with_capacity(doomed.len());
    while !doomed.is_empty() {
        let is_waiting = |table: u32| doomed.iter().any(|it| it.table == table);
        let is_referred_to = |it: &Doomed| {
            let mut references = references.iter();
            references.any(|(from, to)| *to == it.table && is_waiting(*from))
        };
        // Of a circle any may be the first.
        let next = doomed
            .iter()
            .position(|it| !is_referred_to(it))
            .unwrap_or(0);
        ordered.push(doomed.remove(next));
    }
    Ok(ordered)
}
