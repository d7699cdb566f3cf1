//! Ends the quarantine: drops what was kept long enough.

use crate::files::Version;
use crate::{Error, ledger};
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;
use underpin_pool::{Executor, Row, Session, Transaction};

const OLD: &str = "\
SELECT id, version, object, kept_as, rows, kept_at, kept_by FROM underpin.migration_quarantine
WHERE chain = $1 AND kept_at <= clock_timestamp() - make_interval(secs => $2)
ORDER BY id";

/// The version of the ledger that brought the quarantine.
const SINCE: i32 = 2;

/// A copy of what a way back destroyed.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    #[serde(skip)]
    pub(super) id: i64,
    /// The migration that was reverted.
    pub version: Version,
    /// What was destroyed, with its schema.
    pub object: String,
    /// The table that keeps it.
    pub kept_as: String,
    /// How many rows.
    pub rows: i64,
    /// Since when.
    pub kept_at: Timestamp,
    /// The database user.
    pub kept_by: String,
}

/// What has been kept for longer.
pub(crate) async fn quarantined(
    db: &impl Executor,
    chain: &str,
    older_than: Duration,
) -> Result<Vec<Kept>, Error> {
    let version = ledger::read(db, chain).await?.map_or(0, |it| it.version);
    if version < SINCE {
        return Ok(Vec::new());
    }
    let rows = db.query(OLD, &[&chain, &older_than.as_secs_f64()]).await;
    let rows = rows.map_err(failed)?;
    rows.iter()
        .map(kept)
        .collect::<Result<_, _>>()
        .map_err(failed)
}

/// Drops it.
pub(crate) async fn purge(
    session: &mut Session,
    chain: &str,
    older_than: Duration,
) -> Result<Vec<Kept>, Error> {
    let tx = session.begin();
    let kept = quarantined(&tx, chain, older_than).await?;
    for it in &kept {
        forget(&tx, it).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)?;
    Ok(kept)
}

/// Drops a copy. Somebody may have taken the table out of the quarantine already.
pub(super) async fn forget(tx: &Transaction<'_>, kept: &Kept) -> Result<(), underpin_pool::Error> {
    tx.batch(&format!("DROP TABLE IF EXISTS {}", kept.kept_as))
        .await?;
    let forget = "DELETE FROM underpin.migration_quarantine WHERE id = $1";
    tx.execute(forget, &[&kept.id]).await.map(drop)
}

fn failed(error: underpin_pool::Error) -> Error {
    Error::caused_by("could not clear the quarantine", error)
}

fn kept(row: &Row) -> Result<Kept, underpin_pool::Error> {
    Ok(Kept {
        id: row.get("id")?,
        version: Version::from_i64(row.get("version")?),
        object: row.get("object")?,
        kept_as: row.get("kept_as")?,
        rows: row.get("rows")?,
        kept_at: row.get("kept_at")?,
        kept_by: row.get("kept_by")?,
    })
}
