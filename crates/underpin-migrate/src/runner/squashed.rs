//! Records a squashed migration in the place of those that it was squashed from.

use super::Migrator;
use super::lock::Lock;
use crate::Error;
use crate::files::Version;
use crate::ledger::{self, Cause, Entry, Origin, RecordState};

impl Migrator {
    /// Writes one row for many, which the history keeps: all or none.
    pub(super) async fn record_squashed(
        &self,
        lock: &mut Lock,
        versions: &[Version],
    ) -> Result<(), Error> {
        if versions.is_empty() {
            return Ok(());
        }
        let chain = self.chain.name();
        let ledger = ledger::read_for(lock.session(), &self.chain).await?;
        let ledger = ledger.unwrap_or_default();
        let tx = lock.session().begin();
        for version in versions {
            let (Some(migration), Some(record)) =
                (self.chain.get(*version), ledger.migrations.get(version))
            else {
                continue;
            };
            for replaced in &migration.up.header().replaces {
                let file = Some(migration.up.file());
                ledger::archive(&tx, chain, *replaced, Cause::Squash, file).await?;
                ledger::forget_migration(&tx, chain, *replaced).await?;
            }
            let entry = Entry {
                chain,
                migration,
                state: RecordState::Applied,
                statement_count: migration.up.statements()?.len(),
                started_at: record.started_at,
                finished_at: record.finished_at,
                first: true,
                origin: Origin::Squash,
            };
            ledger::write_migration(&tx, &entry).await?;
        }
        tx.commit().await.map_err(|error| {
            Error::caused_by("could not record a squashed migration", error)
                .with_hint("run the command again: nothing was recorded")
        })
    }
}
