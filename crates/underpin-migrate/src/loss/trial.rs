//! What a plan would destroy, found out by running it in a transaction that is rolled back.

use super::doomed::Doomed;
use super::look::{self, Forecast};
use super::measure::{self, Counted, is_passing, reason};
use super::seen::{Gone, Made, Seen};
use super::{Loss, Lost, called};
use crate::execute::execute;
use crate::sql::{Class, Effect, Statement};
use std::time::Duration;
use underpin_pool::{Error, Transaction};

/// The statements of a plan, tried one after the other.
///
/// Rows and values of what is dropped are counted after the rollback, by [`count`](Self::count), when the locks that were
/// needed to try are gone.
#[derive(Debug)]
pub(crate) struct Trial {
    /// How long counting a table may take.
    timeout: Duration,
    made: Made,
    found: Vec<Found>,
}

#[derive(Debug)]
enum Found {
    Loss(Loss),
    Doomed { place: String, doomed: Doomed },
}

impl Trial {
    /// Before the first statement.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            made: Made::default(),
            found: Vec::new(),
        }
    }

    /// Nobody can tell what a statement does before it has run.
    pub(crate) fn unknown(&mut self, statement: &Statement, why: impl Into<String>) {
        self.found.push(Found::Loss(Loss::unknown(statement, why)));
    }

    /// Asks about a statement that cannot be tried, as it runs outside of transactions.
    pub(crate) fn alone(&mut self, statement: &Statement) {
        match statement.effect() {
            Effect::Keeps => {}
            Effect::Unknown(why) => self.unknown(statement, why),
            Effect::Takes(_) | Effect::Rows(_) => {
                self.unknown(
                    statement,
                    "it runs outside of transactions, so that it cannot be tried",
                );
            }
        }
    }

    /// Tries a statement. What it does stays for the statements after it, unless it fails.
    ///
    /// # Errors
    /// When a lock was not to be had in time, or the connection is gone.
    pub(crate) async fn run(
        &mut self,
        tx: &Transaction<'_>,
        statement: &Statement,
    ) -> Result<(), Error> {
        if statement.class() == Class::Setting {
            return attempt(tx, statement).await.map(drop);
        }
        let effect = statement.effect();
        let unknown = look::unknown(tx, statement, &effect).await?;
        if let Some(why) = unknown {
            self.unknown(statement, why);
            return Ok(());
        }
        if called::sets_a_sequence(statement) {
            if effect != Effect::Keeps {
                self.unknown(statement, "it sets a sequence, so that it cannot be tried");
            }
            return Ok(());
        }
        let mut before = Seen::take(tx).await?;
        let mut foreseen = Gone::default();
        let mut overwritten = None;
        match &effect {
            Effect::Takes(takes) => {
                let Forecast {
                    gone,
                    doomed,
                    casts,
                    trouble,
                    fails: _,
                } = look::forecast(tx, statement, takes, &before, &self.made).await?;
                let place = || statement.place().to_string();
                let doomed = doomed.into_iter().map(|doomed| Found::Doomed {
                    place: place(),
                    doomed,
                });
                self.found.extend(doomed);
                let mut misfits = false;
                for (doomed, new) in casts {
                    let new = new.as_ref();
                    let counted = measure::casts(tx, &doomed, &before, new, self.timeout).await?;
                    let object = doomed.describe(&before);
                    let loss = loss(place(), object, Lost::Casts, counted);
                    misfits |= loss.is_some();
                    self.found.extend(loss.map(Found::Loss));
                }
                if let Some(why) = trouble {
                    // Values that do not fit are why it fails.
                    if !misfits {
                        self.unknown(statement, why);
                    }
                    return Ok(());
                }
                foreseen = gone;
                before = Seen::take(tx).await?;
            }
            Effect::Rows(Some(update)) => {
                overwritten = look::overwritten(tx, update, &before, &self.made).await?;
            }
            Effect::Rows(None) | Effect::Keeps | Effect::Unknown(_) => {}
        }
        if let Err(why) = attempt(tx, statement).await? {
            // What keeps data need not be tried; that it fails is told when it runs.
            if effect != Effect::Keeps {
                self.unknown(statement, why);
            }
            return Ok(());
        }
        let after = Seen::take(tx).await?;
        let moments = (&before, &after, &self.made);
        let losses = look::done(statement, moments, overwritten.as_ref());
        let unforeseen = look::unforeseen(statement, moments, &foreseen);
        self.found
            .extend(losses.into_iter().chain(unforeseen).map(Found::Loss));
        self.made.note(&before, &after);
        Ok(())
    }

    /// Counts what was found, in another transaction after the rollback.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub(crate) async fn count(self, tx: &Transaction<'_>) -> Result<Vec<Loss>, Error> {
        let Self {
            timeout,
            made: _,
            found,
        } = self;
        let now = Seen::take(tx).await?;
        let mut losses = Vec::with_capacity(found.len());
        for it in found {
            match it {
                Found::Loss(loss) => losses.push(loss),
                Found::Doomed { place, doomed } => {
                    let counted = measure::count(tx, &doomed, &now, timeout).await?;
                    losses.extend(loss(place, doomed.describe(&now), doomed.lost(), counted));
                }
            }
        }
        Ok(losses)
    }
}

/// Runs a statement; says why it failed, when it has and is taken back.
async fn attempt(tx: &Transaction<'_>, statement: &Statement) -> Result<Result<(), String>, Error> {
    let attempt = tx.savepoint().await?;
    match execute(&attempt, statement).await {
        Ok(_) => attempt.release().await.map(Ok),
        Err(error) if is_passing(&error) => Err(error),
        Err(error) => {
            attempt.rollback().await?;
            Ok(Err(format!(
                "it fails when it is tried: {}",
                reason(&error)
            )))
        }
    }
}

fn loss(place: String, object: String, what: Lost, counted: Counted) -> Option<Loss> {
    match counted {
        Ok(0) => None,
        Ok(count) => Some(Loss {
            place,
            object,
            what,
            count,
            reason: None,
        }),
        Err(why) => Some(Loss {
            place,
            object: String::from("this statement"),
            what: Lost::Unknown,
            count: 1,
            reason: Some(format!("{object}: {why}")),
        }),
    }
}
