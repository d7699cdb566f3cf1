//! Makes the ledger's tables and brings older ones up to date, once, however many processes start together.

use super::VERSION;
use super::read::check_version;
use crate::Error;
use underpin_core::ErrorKind;
use underpin_pool::Session;

/// What leads from each version of the ledger to the next; before the first there is none.
const UPGRADES: [&str; VERSION as usize] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
];

/// Makes or upgrades the tables. The caller holds the ledger's advisory lock, so nobody else does.
pub(crate) async fn ensure(session: &mut Session) -> Result<(), Error> {
    let failed = |error: underpin_pool::Error| {
        let is_denied = error.kind() == ErrorKind::PermissionDenied;
        let what = "could not make the ledger of migrations in the schema underpin";
        match (Error::caused_by(what, error), is_denied) {
            (error, true) => error.with_hint(
                "that schema is made once, by the role that migrates: GRANT CREATE ON DATABASE … TO that role",
            ),
            (error, false) => error,
        }
    };
    let exists = "SELECT to_regclass('underpin.migration_ledger') IS NOT NULL";
    let exists: bool = session
        .query_one(exists, &[])
        .await
        .and_then(|row| row.get(0))
        .map_err(failed)?;
    let version = if exists {
        let version = "SELECT version FROM underpin.migration_ledger";
        let row = session.query_one(version, &[]).await;
        row.and_then(|row| row.get(0)).map_err(failed)?
    } else {
        0
    };
    check_version(version)?;
    let missing = UPGRADES.get(usize::try_from(version).unwrap_or(0)..);
    let missing = missing.unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    let tx = session.begin();
    tx.batch(&missing.concat()).await.map_err(failed)?;
    tx.commit().await.map_err(failed)
}
