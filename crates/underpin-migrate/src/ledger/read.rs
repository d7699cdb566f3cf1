//! Reads the ledger: two queries when there is nothing to do.

use super::batches::read_batches;
use super::repeatables::read_repeatables;
use super::squashed;
use super::{Ledger, Record, RecordState, StatementRecord, StatementState, VERSION};
use crate::files::{Chain, Direction, Slug, Version};
use crate::{Error, Hash};
use underpin_core::ErrorKind;
use underpin_pool::{Executor, Row};

const EXISTS: &str = "SELECT to_regclass('underpin.migration_ledger') IS NOT NULL";

const MIGRATIONS: &str = "\
SELECT l.version AS ledger_version, m.version, m.slug, m.state, m.origin, m.statements, m.raw_hash, m.meaning_hash,
       m.allows, m.started_at, m.finished_at, m.run_by, m.run_from, m.program_version
FROM underpin.migration_ledger AS l
LEFT JOIN underpin.migrations AS m ON m.chain = $1
ORDER BY m.version";

const STATEMENTS: &str = "\
SELECT version, direction, ordinal, class, hash, state, sqlstate, rows, started_at, finished_at
FROM underpin.migration_statements
WHERE chain = $1 AND version = ANY ($2)
ORDER BY version, direction, ordinal";

/// The rows of a chain; None when no migration was ever run in this database.
///
/// Statements are read for half-run migrations only.
pub(crate) async fn read(db: &impl Executor, chain: &str) -> Result<Option<Ledger>, Error> {
    let failed = |error| Error::caused_by("could not read the ledger of migrations", error);
    if !db
        .query_one(EXISTS, &[])
        .await
        .and_then(|row| row.get(0))
        .map_err(failed)?
    {
        return Ok(None);
    }
    let rows = db.query(MIGRATIONS, &[&chain]).await.map_err(failed)?;
    let mut ledger = Ledger::default();
    for row in &rows {
        ledger.version = row.get("ledger_version").map_err(failed)?;
        check_version(ledger.version)?;
        if let Some(version) = row.get::<Option<i64>>("version").map_err(failed)? {
            let version = Version::from_i64(version);
            ledger.migrations.insert(version, record(version, row)?);
        }
    }
    let half_run: Vec<Version> = ledger
        .migrations
        .values()
        .filter(|it| matches!(it.state, RecordState::Applying | RecordState::Reverting))
        .map(|it| it.version)
        .collect();
    read_statements(db, chain, &mut ledger, &half_run).await?;
    if !half_run.is_empty() && ledger.version > 1 {
        for (version, far) in read_batches(db, chain).await? {
            if let Some(record) = ledger.migrations.get_mut(&version) {
                record.far = Some(far);
            }
        }
    }
    Ok(Some(ledger))
}

/// The names of all chains of which something was ever run in this database.
pub(crate) async fn read_chains(db: &impl Executor) -> Result<Vec<String>, Error> {
    let failed = |error| Error::caused_by("could not read the ledger of migrations", error);
    let exists = db.query_one(EXISTS, &[]).await.and_then(|row| row.get(0));
    if !exists.map_err(failed)? {
        return Ok(Vec::new());
    }
    let sql = "SELECT DISTINCT chain FROM underpin.migrations ORDER BY chain";
    let rows = db.query(sql, &[]).await.map_err(failed)?;
    rows.iter().map(|row| row.get(0).map_err(failed)).collect()
}

/// The same for a chain, with what its files make it need: the repeatable ones, and those that were squashed since as one.
pub(crate) async fn read_for(db: &impl Executor, chain: &Chain) -> Result<Option<Ledger>, Error> {
    let mut ledger = read(db, chain.name()).await?;
    if let Some(ledger) = &mut ledger
        && !chain.repeatables().is_empty()
    {
        read_repeatables(db, chain.name(), ledger).await?;
    }
    if let Some(ledger) = &mut ledger {
        squashed::recognise(chain, ledger)?;
    }
    Ok(ledger)
}

/// Adds the statements of some migrations to a ledger; no round trip for none.
pub(crate) async fn read_statements(
    db: &impl Executor,
    chain: &str,
    ledger: &mut Ledger,
    versions: &[Version],
) -> Result<(), Error> {
    if versions.is_empty() {
        return Ok(());
    }
    let failed = |error| Error::caused_by("could not read the ledger of statements", error);
    let numbers: Vec<i64> = versions.iter().map(|it| it.to_i64()).collect();
    for version in versions {
        if let Some(record) = ledger.migrations.get_mut(version) {
            record.statements.clear();
        }
    }
    for row in db
        .query(STATEMENTS, &[&chain, &numbers])
        .await
        .map_err(failed)?
    {
        let version = Version::from_i64(row.get("version").map_err(failed)?);
        if let Some(record) = ledger.migrations.get_mut(&version) {
            record.statements.push(statement(&row)?);
        }
    }
    Ok(())
}

/// A ledger of a newer Underpin is not touched.
pub(super) fn check_version(version: i32) -> Result<(), Error> {
    if version <= VERSION {
        return Ok(());
    }
    let message =
        format!("the ledger of migrations has version {version}, this program knows {VERSION}");
    Err(Error::new(ErrorKind::Unsupported, message)
        .with_hint("a newer Underpin has run here: use that version, or a later one"))
}

pub(super) fn record(version: Version, row: &Row) -> Result<Record, Error> {
    let read = || -> Result<Option<Record>, underpin_pool::Error> {
        let Some(state) = RecordState::parse(&row.get::<String>("state")?) else {
            return Ok(None);
        };
        let raw = Hash::from_bytes(row.get("raw_hash")?);
        let meaning = Hash::from_bytes(row.get("meaning_hash")?);
        let (Some(raw), Some(meaning)) = (raw, meaning) else {
            return Ok(None);
        };
        Ok(Some(Record {
            version,
            slug: Slug::recorded(row.get("slug")?),
            state,
            origin: row.get("origin")?,
            statement_count: count(row.get("statements")?),
            raw,
            meaning,
            allows: row.get("allows")?,
            started_at: row.get("started_at")?,
            finished_at: row.get("finished_at")?,
            run_by: row.get("run_by")?,
            run_from: row.get("run_from")?,
            program_version: row.get("program_version")?,
            far: None,
            statements: Vec::new(),
        }))
    };
    match read() {
        Ok(Some(record)) => Ok(record),
        Ok(None) => Err(damaged(version)),
        Err(error) => Err(damaged(version).with_source(error)),
    }
}

pub(super) fn statement(row: &Row) -> Result<StatementRecord, Error> {
    let read = || -> Result<Option<StatementRecord>, underpin_pool::Error> {
        let state = StatementState::parse(&row.get::<String>("state")?);
        let (Some(state), Some(hash)) = (state, Hash::from_bytes(row.get("hash")?)) else {
            return Ok(None);
        };
        let up = row.get::<&str>("direction")? == Direction::Up.as_str();
        Ok(Some(StatementRecord {
            direction: if up { Direction::Up } else { Direction::Down },
            ordinal: count(row.get("ordinal")?),
            class: row.get("class")?,
            hash,
            state,
            sqlstate: row.get("sqlstate")?,
            rows: row.get("rows")?,
            started_at: row.get("started_at")?,
            finished_at: row.get("finished_at")?,
        }))
    };
    let version = Version::from_i64(row.get("version").unwrap_or_default());
    match read() {
        Ok(Some(record)) => Ok(record),
        Ok(None) => Err(damaged(version)),
        Err(error) => Err(damaged(version).with_source(error)),
    }
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn damaged(version: Version) -> Error {
    Error::conflict(format!("the ledger's rows of migration {version} make no sense"))
        .with_hint("somebody changed underpin.migrations or underpin.migration_statements by hand: restore them")
}
