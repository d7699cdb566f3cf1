//! Asking without running: plans, losses, status, history, and what the quarantine keeps.

use super::{Migrator, syntax, trial};
use crate::compare::compare;
use crate::files::{Chain, Direction, Version};
use crate::history::{self, HistoryEntry};
use crate::ledger::{self, Ledger};
use crate::loss::{self, Kept, Loss, Restored};
use crate::plan::{Plan, Target};
use crate::status::Status;
use crate::{DataLoss, Error, State};
use std::time::Duration;
use underpin_core::ErrorKind;
use underpin_pool::Session;

/// Where each migration of a chain stands, asked on a session that is open already: two round trips, no lock.
///
/// # Errors
/// When the ledger cannot be read.
///
/// # Cancel safety
/// May be dropped at any point.
pub async fn status_on_session(session: &Session, chain: &Chain) -> Result<Status, Error> {
    let ledger = ledger::read_for(session, chain).await?;
    Ok(Status::new(chain, ledger))
}

impl Migrator {
    /// What [`up`](Self::up) or [`down`](Self::down) would do now. Changes nothing.
    ///
    /// # Errors
    /// As [`up`](Self::up), without those of running.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn plan(&self, direction: Direction, target: Target) -> Result<Plan, Error> {
        let mut session = self.connect().await?;
        let plan = self.plan_on_session(&session, direction, target).await?;
        syntax::settle_doubts(&mut session, &plan, self.progress.as_ref()).await?;
        Ok(plan)
    }

    /// What a plan would destroy, counted: rows, values, values that do not fit; and the statements of which nobody can
    /// tell, each with the reason.
    ///
    /// The statements are tried in a transaction that is rolled back, so that nothing is changed: only sequences that are
    /// drawn from move on, and what triggers do outside of the database is done. What runs code, such as `DO`, `CALL` and
    /// `SELECT` of a function that somebody made, is not tried.
    ///
    /// # Errors
    /// When the database cannot be reached, or a table not be locked or counted in time.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    ///
    /// # Locks
    /// Those of the statements while they are tried; ACCESS SHARE while what is dropped is counted, after that.
    pub async fn losses(&self, plan: &Plan) -> Result<Vec<Loss>, Error> {
        let mut session = self.connect().await?;
        trial::losses(&mut session, self, plan).await
    }

    /// Refuses what a plan would destroy and the settings do not allow, as running it would.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`], with the numbers; or as [`losses`](Self::losses).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn refuse_losses(&self, plan: &Plan) -> Result<(), Error> {
        let mut session = self.connect().await?;
        self.refuse_losses_on_session(&mut session, plan).await
    }

    /// What the quarantine has kept for longer.
    ///
    /// # Errors
    /// When the database cannot be reached or the ledger not be read.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn quarantined(&self, older_than: Duration) -> Result<Vec<Kept>, Error> {
        loss::quarantined(&self.connect().await?, self.chain.name(), older_than).await
    }

    /// Drops what the quarantine has kept for longer.
    ///
    /// # Errors
    /// When the database cannot be reached or a copy not be dropped.
    ///
    /// # Cancel safety
    /// May be dropped at any point: either all or none are dropped.
    pub async fn purge(&self, older_than: Duration) -> Result<Vec<Kept>, Error> {
        let mut session = self.connect().await?;
        loss::purge(&mut session, self.chain.name(), older_than).await
    }

    /// What would come back of copies, and what would not: it is done and taken back.
    ///
    /// # Errors
    /// As [`restore`](Self::restore).
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    ///
    /// # Locks
    /// As [`restore`](Self::restore), as long as it takes.
    pub async fn restorable(&self, kept: &[Kept]) -> Result<Vec<Restored>, Error> {
        let mut session = self.connect().await?;
        let (chain, settings) = (self.chain.name(), &self.settings);
        loss::restore(&mut session, chain, kept, settings, loss::Mode::Try).await
    }

    /// Brings copies back to where they were taken from. What comes back leaves the quarantine, what does not fit stays.
    ///
    /// Rows of a table are inserted, values of a column are written to the rows with the same primary key, or, without one,
    /// to those that are equal otherwise. Triggers that somebody made do not see it; sequences of the columns go on after
    /// the values.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when a copy, a table or a column is not there; when the database cannot be reached.
    ///
    /// # Cancel safety
    /// May be dropped at any point: either all or none come back.
    ///
    /// # Locks
    /// SHARE ROW EXCLUSIVE on each table; ACCESS EXCLUSIVE where the column is an identity that refuses values. The lock of
    /// the migrations, so that nobody goes back again meanwhile.
    pub async fn restore(&self, kept: &[Kept]) -> Result<Vec<Restored>, Error> {
        let mut lock = self.lock(self.connect().await?).await?;
        let (chain, settings) = (self.chain.name(), &self.settings);
        let restored = loss::restore(lock.session(), chain, kept, settings, loss::Mode::Do).await?;
        lock.release().await?;
        Ok(restored)
    }

    /// Where each migration stands. Changes nothing.
    ///
    /// # Errors
    /// When the database cannot be reached or the ledger not be read.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn status(&self) -> Result<Status, Error> {
        status_on_session(&self.connect().await?, &self.chain).await
    }

    /// What was run here, oldest version first, statement by statement, earlier rounds included. Changes nothing.
    ///
    /// # Errors
    /// When the database cannot be reached or the ledger not be read.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    pub async fn history(&self) -> Result<Vec<HistoryEntry>, Error> {
        let session = self.connect().await?;
        let mut ledger = ledger::read(&session, self.chain.name())
            .await?
            .unwrap_or_default();
        let versions: Vec<Version> = ledger.migrations.keys().copied().collect();
        ledger::read_statements(&session, self.chain.name(), &mut ledger, &versions).await?;
        let archive = match ledger.version {
            0 | 1 => Vec::new(),
            _ => ledger::read_archive(&session, self.chain.name()).await?,
        };
        Ok(history::entries(&ledger, archive))
    }

    pub(super) async fn plan_on_session(
        &self,
        session: &Session,
        direction: Direction,
        target: Target,
    ) -> Result<Plan, Error> {
        let ledger = ledger::read_for(session, &self.chain).await?;
        let mut ledger = ledger.unwrap_or_default();
        let plan = Plan::new(&self.chain, &ledger, direction, target, &self.settings);
        match plan {
            // With the statements at hand the error can say which one was changed.
            Err(error) if error.kind() == ErrorKind::HistoryConflict => {
                self.read_changed(session, &mut ledger).await?;
                Plan::new(&self.chain, &ledger, direction, target, &self.settings)
            }
            plan => plan,
        }
    }

    async fn read_changed(&self, session: &Session, ledger: &mut Ledger) -> Result<(), Error> {
        let compared = compare(&self.chain, ledger);
        let changed = compared.iter().filter(|it| it.state == State::Changed);
        let versions: Vec<Version> = changed.map(|it| it.version).collect();
        ledger::read_statements(session, self.chain.name(), ledger, &versions).await
    }

    pub(super) async fn refuse_losses_on_session(
        &self,
        session: &mut Session,
        plan: &Plan,
    ) -> Result<(), Error> {
        let allowed = self.settings.data_loss;
        if plan.direction() == Direction::Up
            || matches!(allowed, DataLoss::Allow | DataLoss::QuarantineOrAllow)
        {
            return Ok(());
        }
        let losses = trial::losses(session, self, plan).await?;
        loss::refuse(&losses, allowed)
    }
}
