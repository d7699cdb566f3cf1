//! Changes the ledger without running anything: `stamp`, `adopt` and `rebless`.

use super::clock::Clock;
use super::{Direction, Migrator, Report};
use crate::Error;
use crate::compare::{Compared, State, compare};
use crate::files::{Migration, Version};
use crate::ledger::{self, Cause, Entry, Ledger, Origin, RecordState};
use crate::plan::{Target, check_target};
use crate::runner::Ran;
use crate::runner::lock::Lock;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use underpin_core::ErrorKind;

impl Migrator {
    /// Records migrations as applied without running them, up to the target; those that are applied stay as they are.
    ///
    /// For a database whose tables were made in another way, and for a half-applied migration that was finished by
    /// hand.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for an unknown version, [`ErrorKind::LockDeadline`], or when the ledger cannot be
    /// written.
    ///
    /// # Cancel safety
    /// May be dropped at any point: either all or none are recorded.
    ///
    /// # Locks
    /// The migration lock, as [`up`](Self::up).
    pub async fn stamp(&self, target: Target) -> Result<Report, Error> {
        let mut lock = self.lock(self.connect().await?).await?;
        let ledger = self.ledger(&mut lock).await?;
        let compared = compare(&self.chain, &ledger);
        if let Target::To(version) = target {
            check_target(&self.chain, &compared, version)?;
        }
        let unapplied: Vec<_> = unapplied(&compared, target)
            .map(|migration| (migration, None))
            .collect();
        let ran = self.record(&mut lock, &unapplied, Origin::Stamp).await?;
        lock.release().await?;
        Ok(Report {
            direction: Direction::Up,
            migrations: ran,
            repeatables: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// Records what another tool has applied, and when, if the ledger does not have it already.
    pub(crate) async fn record_adopted(
        &self,
        applied: &BTreeMap<Version, Option<Timestamp>>,
    ) -> Result<Vec<Ran>, Error> {
        let mut lock = self.lock(self.connect().await?).await?;
        let ledger = self.ledger(&mut lock).await?;
        let compared = compare(&self.chain, &ledger);
        let missing: Vec<_> = unapplied(&compared, Target::All)
            .filter_map(|migration| Some((migration, *applied.get(&migration.version)?)))
            .collect();
        let ran = self.record(&mut lock, &missing, Origin::Adopt).await?;
        lock.release().await?;
        Ok(ran)
    }

    /// Writes rows for migrations whose statements are not run: all or none.
    async fn record(
        &self,
        lock: &mut Lock,
        migrations: &[(&Arc<Migration>, Option<Timestamp>)],
        origin: Origin,
    ) -> Result<Vec<Ran>, Error> {
        let chain = self.chain.name();
        let mut ran = Vec::with_capacity(migrations.len());
        let clock = Clock::read(lock.session()).await?;
        let tx = lock.session().begin();
        for (migration, applied_at) in migrations {
            let version = migration.version;
            let applied_at = applied_at.unwrap_or_else(|| clock.now());
            ledger::archive(&tx, chain, version, Cause::Stamp, None).await?;
            let entry = Entry {
                chain,
                migration,
                state: RecordState::Applied,
                statement_count: migration.up.statement_count()?,
                started_at: applied_at,
                finished_at: Some(applied_at),
                first: true,
                origin,
            };
            ledger::write_migration(&tx, &entry).await?;
            ran.push(Ran {
                version,
                slug: migration.slug.clone(),
                statements: 0,
                duration_ms: 0,
            });
        }
        tx.commit().await.map_err(not_recorded)?;
        Ok(ran)
    }

    /// Accepts the file of an applied migration as it is now, for a reason that the history keeps; false when it is as it
    /// was applied.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for an unknown version, [`ErrorKind::Refused`] when the migration is not applied or its
    /// file is missing, [`ErrorKind::InvalidInput`] without a reason or for a file that cannot be read.
    ///
    /// # Cancel safety
    /// May be dropped at any point.
    ///
    /// # Locks
    /// The migration lock, as [`up`](Self::up).
    pub async fn rebless(&self, version: Version, reason: &str) -> Result<bool, Error> {
        if reason.trim().is_empty() {
            return Err(
                Error::new(ErrorKind::InvalidInput, "rebless without a reason")
                    .with_hint("say why the change is harmless: the history keeps it"),
            );
        }
        let mut lock = self.lock(self.connect().await?).await?;
        let ledger = self.ledger(&mut lock).await?;
        let compared = compare(&self.chain, &ledger);
        check_target(&self.chain, &compared, version)?;
        let changed = compared.iter().find(|it| it.version == version);
        let migration = match changed.map(|it| (it.state, it.migration)) {
            Some((State::Changed | State::Reformatted, Some(migration))) => migration,
            Some((State::Applied, _)) => {
                lock.release().await?;
                return Ok(false);
            }
            _ => return Err(not_blessable(version)),
        };
        let tx = lock.session().begin();
        let chain = self.chain.name();
        ledger::archive(&tx, chain, version, Cause::Rebless, Some(reason)).await?;
        ledger::write_rebless(&tx, chain, migration).await?;
        tx.commit().await.map_err(not_recorded)?;
        lock.release().await?;
        Ok(true)
    }

    async fn ledger(&self, lock: &mut Lock) -> Result<Ledger, Error> {
        let ledger = ledger::read_for(lock.session(), &self.chain).await?;
        Ok(ledger.unwrap_or_default())
    }
}

fn unapplied<'a>(
    compared: &'a [Compared<'_>],
    target: Target,
) -> impl Iterator<Item = &'a Arc<Migration>> {
    let wanted = compared
        .iter()
        .filter(|it| matches!(it.state, State::Pending | State::Failed | State::Partial))
        .filter_map(|it| it.migration);
    let (last, count) = match target {
        Target::All => (None, usize::MAX),
        Target::To(version) => (Some(version), usize::MAX),
        Target::Steps(count) => (None, count.get()),
    };
    wanted
        .filter(move |it| last.is_none_or(|last| it.version <= last))
        .take(count)
}

fn not_blessable(version: Version) -> Error {
    let message = format!("migration {version} is not applied, or its file is missing");
    Error::new(ErrorKind::Refused, message).with_hint(
        "only the file of a wholly applied migration can be accepted; `underpin migrate status` says where each stands",
    )
}

fn not_recorded(error: underpin_pool::Error) -> Error {
    Error::caused_by("could not commit the change of the ledger", error).with_hint(
        "run the command again: nothing was recorded unless `underpin migrate history` says so",
    )
}
