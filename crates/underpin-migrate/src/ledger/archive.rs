//! Keeps rows of the ledger that are about to be overwritten.

use super::Record;
use super::read::{record, statement};
use super::write::failed;
use crate::Error;
use crate::files::Version;
use jiff::Timestamp;
use std::collections::BTreeMap;
use underpin_pool::Executor;

/// A row whose run kept nothing, such as the failed attempts of a service that restarts for ever, is not worth keeping.
const ARCHIVE: &str = "\
INSERT INTO underpin.migration_history (chain, version, replaced_by, reason, migration, statements)
SELECT m.chain, m.version, $3, $4, to_jsonb(m), coalesce(
    (SELECT jsonb_agg(s) FROM underpin.migration_statements AS s WHERE s.chain = m.chain AND s.version = m.version), '[]')
FROM underpin.migrations AS m
WHERE m.chain = $1 AND m.version = $2 AND (m.state <> 'applying' OR EXISTS (
    SELECT FROM underpin.migration_statements AS s
    WHERE s.chain = m.chain AND s.version = m.version AND s.state <> 'failed'))";

const FORGET: &str = "DELETE FROM underpin.migration_statements WHERE chain = $1 AND version = $2";

const ENTRIES: &str = "\
SELECT h.id, h.replaced_by, h.replaced_at, h.replaced_by_user, h.reason, m.*
FROM underpin.migration_history AS h, jsonb_populate_record(NULL::underpin.migrations, h.migration) AS m
WHERE h.chain = $1
ORDER BY h.version, h.id";

const STATEMENTS: &str = "\
SELECT h.id, s.*
FROM underpin.migration_history AS h, jsonb_populate_recordset(NULL::underpin.migration_statements, h.statements) AS s
WHERE h.chain = $1
ORDER BY h.id, s.direction DESC, s.ordinal";

/// What overwrites a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Up,
    Down,
    Stamp,
    Rebless,
    Squash,
}

impl Cause {
    fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Stamp => "stamp",
            Self::Rebless => "rebless",
            Self::Squash => "squash",
        }
    }
}

/// A row as it was, and what became of it.
#[derive(Debug)]
pub(crate) struct Archived {
    pub(crate) record: Record,
    pub(crate) replaced_by: String,
    pub(crate) replaced_at: Timestamp,
    pub(crate) replaced_by_user: String,
    pub(crate) reason: Option<String>,
}

/// Keeps a migration's row with its statements, which make room for those of the next run.
pub(crate) async fn archive(
    db: &impl Executor,
    chain: &str,
    version: Version,
    cause: Cause,
    reason: Option<&str>,
) -> Result<(), Error> {
    let version = version.to_i64();
    db.execute(ARCHIVE, &[&chain, &version, &cause.as_str(), &reason])
        .await
        .map_err(failed)?;
    if cause != Cause::Rebless {
        db.execute(FORGET, &[&chain, &version])
            .await
            .map_err(failed)?;
    }
    Ok(())
}

/// All that was overwritten in a chain, by version and then by time.
pub(crate) async fn read_archive(db: &impl Executor, chain: &str) -> Result<Vec<Archived>, Error> {
    let failed = |error| Error::caused_by("could not read the history of migrations", error);
    let mut statements: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for row in db.query(STATEMENTS, &[&chain]).await.map_err(failed)? {
        let of = statements.entry(row.get("id").map_err(failed)?);
        of.or_default().push(statement(&row)?);
    }
    let mut archived = Vec::new();
    for row in db.query(ENTRIES, &[&chain]).await.map_err(failed)? {
        let read = || -> Result<_, underpin_pool::Error> {
            Ok((row.get("id")?, Version::from_i64(row.get("version")?)))
        };
        let (id, version): (i64, Version) = read().map_err(failed)?;
        let mut record = record(version, &row)?;
        record.statements = statements.remove(&id).unwrap_or_default();
        archived.push(Archived {
            record,
            replaced_by: row.get("replaced_by").map_err(failed)?,
            replaced_at: row.get("replaced_at").map_err(failed)?,
            replaced_by_user: row.get("replaced_by_user").map_err(failed)?,
            reason: row.get("reason").map_err(failed)?,
        });
    }
    Ok(archived)
}
