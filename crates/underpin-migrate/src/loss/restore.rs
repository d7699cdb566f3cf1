//! Brings kept rows and values back to where they were.

use super::purge::{Kept, forget, quarantined};
use super::rows::Rows;
use super::target::Target;
use crate::{Error, Settings};
use serde::Serialize;
use std::time::Duration;
use underpin_pool::{Session, Transaction};

/// What came back of one copy.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// The copy, with as many rows as it had.
    #[serde(flatten)]
    pub kept: Kept,
    /// How many rows, or values of a column, came back. They are no longer in the copy.
    pub restored: u64,
    /// How many of the values replaced another one than NULL: a default, or what was written since.
    pub replaced: u64,
    /// How many rows do not fit any more and stay in the copy.
    pub left: u64,
    /// Why the first of them does not fit; None when its row is no longer there.
    pub reason: Option<String>,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It is done, counted and taken back.
    Try,
    /// It is done.
    Do,
}

/// Brings copies back, the newest first: what was dropped last is what the others need.
pub(crate) async fn restore(
    session: &mut Session,
    chain: &str,
    wanted: &[Kept],
    settings: &Settings,
    mode: Mode,
) -> Result<Vec<Restored>, Error> {
    let not_done = |error| Error::caused_by("could not bring the kept rows back", error);
    let tx = session.begin();
    let limits = format!(
        "SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}",
        settings.data_timeout.as_millis(),
        settings.lock_timeout.as_millis()
    );
    tx.batch(&limits).await.map_err(not_done)?;
    let mut waiting = quarantined(&tx, chain, Duration::ZERO).await?;
    let mut wanted: Vec<&Kept> = wanted.iter().collect();
    wanted.sort_by_key(|it| std::cmp::Reverse(it.id));
    let mut restored = Vec::with_capacity(wanted.len());
    let mut sequences = Vec::new();
    for kept in wanted {
        waiting.retain(|it| it.id != kept.id);
        let target = Target::find(&tx, kept).await?;
        let it = one(&tx, kept, &target, &waiting).await;
        restored.push(it.map_err(|error| failed(kept, error))?);
        sequences.extend(target.sequences());
    }
    if mode == Mode::Try {
        tx.rollback().await.map_err(not_done)?;
        return Ok(restored);
    }
    for advance in sequences {
        // No rollback takes this back, so it comes last.
        tx.batch(&advance).await.map_err(not_done)?;
    }
    tx.commit().await.map_err(not_done)?;
    Ok(restored)
}

async fn one(
    tx: &Transaction<'_>,
    kept: &Kept,
    target: &Target,
    waiting: &[Kept],
) -> Result<Restored, underpin_pool::Error> {
    tx.batch(&target.open()).await?;
    let rows = Rows::find(tx, kept, target, waiting).await?;
    let before = rows.count(tx).await?;
    let replaced = rows.count_replaced(tx).await?;
    let reason = rows.bring_back(tx).await?;
    let left = rows.count(tx).await?;
    tx.batch(&target.close()).await?;
    if left == 0 {
        forget(tx, kept).await?;
    } else {
        let sql = "UPDATE underpin.migration_quarantine SET rows = $2 WHERE id = $1";
        tx.execute(sql, &[&kept.id, &left]).await?;
    }
    let count = |rows: i64| u64::try_from(rows).unwrap_or(0);
    Ok(Restored {
        kept: kept.clone(),
        restored: count(before - left),
        replaced: count(replaced),
        left: count(left),
        reason,
    })
}

pub(super) fn failed(kept: &Kept, error: underpin_pool::Error) -> Error {
    let message = format!("could not bring {} back from {}", kept.object, kept.kept_as);
    Error::caused_by(message, error)
}
