//! Makes the ledger's tables, once, however many processes start together.

use super::read::check_version;
use crate::Error;
use underpin_pool::Session;

const SCHEMA: &str = include_str!("schema.sql");

/// Makes the tables when they are not there. The caller holds the ledger's advisory lock, so nobody else does.
pub(crate) async fn ensure(session: &mut Session) -> Result<(), Error> {
    let failed = |error| {
        Error::caused_by(
            "could not make the ledger of migrations in the schema underpin",
            error,
        )
    };
    let exists = "SELECT to_regclass('underpin.migration_ledger') IS NOT NULL";
    if session
        .query_one(exists, &[])
        .await
        .and_then(|row| row.get(0))
        .map_err(failed)?
    {
        let version = "SELECT version FROM underpin.migration_ledger";
        return check_version(
            session
                .query_one(version, &[])
                .await
                .and_then(|row| row.get(0))
                .map_err(failed)?,
        );
    }
    let tx = session.begin();
    tx.batch(SCHEMA).await.map_err(failed)?;
    tx.commit().await.map_err(failed)
}
