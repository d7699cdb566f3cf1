//! Which content of the repeatable files was run last, and which before.

use super::Ledger;
use super::write::{PROGRAM_VERSION, failed};
use crate::files::Repeatable;
use crate::{Error, Hash};
use jiff::Timestamp;
use underpin_pool::{Executor, Row};

/// The first version of the ledger that has them.
const SINCE: i32 = 3;

const READ: &str = "\
SELECT name, raw_hash, meaning_hash, earlier, applied_at, run_by
FROM underpin.migration_repeatables
WHERE chain = $1";

const WRITE: &str = "\
INSERT INTO underpin.migration_repeatables AS r (chain, name, raw_hash, meaning_hash, applied_at, program_version)
VALUES ($1, $2, $3, $4, clock_timestamp(), $5)
ON CONFLICT (chain, name) DO UPDATE SET
    earlier = array_remove(r.earlier || r.raw_hash, excluded.raw_hash),
    raw_hash = excluded.raw_hash, meaning_hash = excluded.meaning_hash, applied_at = excluded.applied_at,
    run_by = excluded.run_by, run_from = excluded.run_from, program_version = excluded.program_version";

/// What was run of a repeatable file.
#[derive(Debug, Clone)]
pub(crate) struct RepeatableRecord {
    pub(crate) raw: Hash,
    pub(crate) meaning: Hash,
    /// Contents that were run before it and have been replaced.
    pub(crate) earlier: Vec<Hash>,
    pub(crate) applied_at: Timestamp,
    pub(crate) run_by: String,
}

/// Adds what was run of repeatable files to a ledger.
pub(super) async fn read_repeatables(
    db: &impl Executor,
    chain: &str,
    ledger: &mut Ledger,
) -> Result<(), Error> {
    if ledger.version < SINCE {
        return Ok(());
    }
    let failed = |error| Error::caused_by("could not read the ledger of repeatable files", error);
    for row in db.query(READ, &[&chain]).await.map_err(failed)? {
        let name: String = row.get("name").map_err(failed)?;
        let Some(record) = record(&row).map_err(failed)? else {
            let message = format!("the ledger's row of the repeatable file {name} makes no sense");
            return Err(Error::conflict(message)
                .with_hint("somebody changed underpin.migration_repeatables by hand: restore it"));
        };
        ledger.repeatables.insert(name, record);
    }
    Ok(())
}

fn record(row: &Row) -> Result<Option<RepeatableRecord>, underpin_pool::Error> {
    let hashes = (
        Hash::from_bytes(row.get("raw_hash")?),
        Hash::from_bytes(row.get("meaning_hash")?),
    );
    let (Some(raw), Some(meaning)) = hashes else {
        return Ok(None);
    };
    let earlier: Vec<Vec<u8>> = row.get("earlier")?;
    Ok(Some(RepeatableRecord {
        raw,
        meaning,
        earlier: earlier
            .iter()
            .filter_map(|it| Hash::from_bytes(it))
            .collect(),
        applied_at: row.get("applied_at")?,
        run_by: row.get("run_by")?,
    }))
}

/// Records that a repeatable file was run as it is now.
pub(crate) async fn write_repeatable(
    db: &impl Executor,
    chain: &str,
    repeatable: &Repeatable,
) -> Result<(), Error> {
    let script = &repeatable.script;
    let (raw, meaning) = (script.raw_hash(), script.meaning_hash());
    let params: underpin_pool::Params<'_> = &[
        &chain,
        &repeatable.name,
        &raw.as_bytes(),
        &meaning.as_bytes(),
        &PROGRAM_VERSION,
    ];
    db.execute(WRITE, params).await.map_err(failed)?;
    Ok(())
}
