//! A ledger that has what a file was squashed from has that file.

use super::{Ledger, Record, RecordState};
use crate::Error;
use crate::files::{Chain, Migration, Version};

/// Puts one row into the place of those of what was squashed since.
pub(super) fn recognise(chain: &Chain, ledger: &mut Ledger) -> Result<(), Error> {
    for migration in chain.migrations() {
        if let Some(record) = row(migration, ledger)? {
            for version in &migration.up.header().replaces {
                ledger.migrations.remove(version);
            }
            ledger.squashed.push(record.version);
            ledger.migrations.insert(record.version, record);
        }
    }
    Ok(())
}

/// The row that a squashed migration would have, when the database has what it was squashed from; None when there is
/// nothing of it.
fn row(migration: &Migration, ledger: &Ledger) -> Result<Option<Record>, Error> {
    let replaces = &migration.up.header().replaces;
    let record = |version: &Version| ledger.migrations.get(version);
    // The last of them has the version of the squashed file, which may be there as itself.
    let mut old = replaces.iter().filter(|it| **it != migration.version);
    if !old.any(|it| record(it).is_some_and(Record::has_effect)) {
        return Ok(None);
    }
    let applied = |version: &Version| record(version).filter(|it| it.state == RecordState::Applied);
    let records: Option<Vec<&Record>> = replaces.iter().map(applied).collect();
    let records = records.ok_or_else(|| in_the_middle(migration, |it| applied(it).is_some()))?;
    let Some(last) = records.iter().max_by_key(|it| it.version) else {
        return Ok(None);
    };
    let first = records.iter().map(|it| it.started_at).min();
    Ok(Some(Record {
        version: migration.version,
        slug: migration.slug.clone(),
        origin: String::from("squash"),
        statement_count: u32::try_from(migration.up.statements()?.len()).unwrap_or(u32::MAX),
        raw: migration.up.raw_hash(),
        meaning: migration.up.meaning_hash(),
        started_at: first.unwrap_or(last.started_at),
        statements: Vec::new(),
        ..(*last).clone()
    }))
}

fn in_the_middle(migration: &Migration, is_applied: impl Fn(&Version) -> bool) -> Error {
    let replaces = &migration.up.header().replaces;
    let missing = replaces.iter().filter(|it| !is_applied(it));
    let missing: Vec<_> = missing.map(Version::to_string).collect();
    Error::conflict(format!(
        "{} replaces {} migrations, and the database has only some of them: {} not",
        migration.up.file(),
        replaces.len(),
        missing.join(", ")
    ))
    .with_hint(
        "run `underpin migrate up` from a checkout that still has the old files, then come back to the squashed one",
    )
}
