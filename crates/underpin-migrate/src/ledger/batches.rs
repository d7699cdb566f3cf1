//! How far a migration in batches has come.

use super::write::failed;
use crate::Error;
use crate::files::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use underpin_pool::Executor;

const READ: &str =
    "SELECT version, cursor, batches, rows FROM underpin.migration_batches WHERE chain = $1";

const WRITE: &str = "\
INSERT INTO underpin.migration_batches AS b (chain, version, cursor, batches, rows)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (chain, version) DO UPDATE SET
    cursor = excluded.cursor, batches = excluded.batches, rows = excluded.rows, updated_at = clock_timestamp(),
    started_at = CASE WHEN excluded.batches = 1 THEN excluded.started_at ELSE b.started_at END";

const FORGET: &str = "DELETE FROM underpin.migration_batches WHERE chain = $1 AND version = $2";

/// How far a migration in batches has come: written by each batch's own transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Far {
    pub(crate) place: Place,
    pub(crate) batches: u64,
    pub(crate) rows: u64,
}

/// What the column `cursor` holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Where the next batch begins; None: the first has not been done.
    pub(crate) after: Option<Value>,
    /// How many rows there are to do in all, when that is known.
    pub(crate) total: Option<u64>,
}

/// How far the half-run migrations of a chain are that work in batches.
pub(super) async fn read_batches(
    db: &impl Executor,
    chain: &str,
) -> Result<BTreeMap<Version, Far>, Error> {
    let failed =
        |error| Error::caused_by("could not read how far a migration in batches is", error);
    let rows = db.query(READ, &[&chain]).await.map_err(failed)?;
    let far = rows.iter().map(|row| {
        let version = Version::from_i64(row.get("version").map_err(failed)?);
        let place =
            serde_json::from_value(row.get("cursor").map_err(failed)?).map_err(|error| {
                Error::conflict(format!("the cursor of migration {version} makes no sense"))
                    .with_source(error)
                    .with_hint("somebody changed underpin.migration_batches by hand: restore it")
            })?;
        let count = |name| -> Result<u64, Error> {
            let count: i64 = row.get(name).map_err(failed)?;
            Ok(u64::try_from(count).unwrap_or(0))
        };
        let far = Far {
            place,
            batches: count("batches")?,
            rows: count("rows")?,
        };
        Ok((version, far))
    });
    far.collect()
}

/// Records how far it is.
pub(crate) async fn write_batches(
    db: &impl Executor,
    chain: &str,
    version: Version,
    far: &Far,
) -> Result<(), Error> {
    let Far {
        place,
        batches,
        rows,
    } = far;
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let cursor = serde_json::json!(place);
    let params: underpin_pool::Params<'_> = &[
        &chain,
        &version.to_i64(),
        &cursor,
        &count(*batches),
        &count(*rows),
    ];
    db.execute(WRITE, params).await.map_err(failed)?;
    Ok(())
}

/// Forgets it: the migration is done.
pub(crate) async fn forget_batches(
    db: &impl Executor,
    chain: &str,
    version: Version,
) -> Result<(), Error> {
    let forgotten = db.execute(FORGET, &[&chain, &version.to_i64()]).await;
    forgotten.map(|_| ()).map_err(failed)
}
