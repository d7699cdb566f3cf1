//! How many migrations of a chain a database lacks.

use underpin_migrate::Chain;
use underpin_pool::{Error, Session};

const EXISTS: &str = "SELECT to_regclass('underpin.migrations') IS NOT NULL";

const APPLIED: &str =
    "SELECT version::text FROM underpin.migrations WHERE chain = $1 AND state = 'applied'";

/// Counts what is not applied; versions that only the ledger knows belong to a newer program and are fine.
pub(super) async fn pending(session: &Session, chain: &Chain) -> Result<usize, Error> {
    let migrations = chain.migrations();
    if !session.query_one(EXISTS, &[]).await?.get::<bool>(0)? {
        return Ok(migrations.len());
    }
    let rows = session.query(APPLIED, &[&chain.name()]).await?;
    let applied = rows
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<Vec<String>, Error>>()?;
    Ok(migrations
        .iter()
        .filter(|migration| !applied.contains(&migration.version.to_string()))
        .count())
}
