//! A service's own commands, with a migration of data in Rust among its files.
//!
//! `cargo run -p underpin-cli --example own_commands -- migrate status`

use std::process::ExitCode;
use underpin_migrate::{Batch, Batches, BoxError, Chain, DataMigration, Error};
use underpin_pool::Transaction;

/// Fills `users.name_lower`, a thousand rows at a time.
struct FillLowerNames;

impl Batches for FillLowerNames {
    type Cursor = i64;

    fn revision(&self) -> u32 {
        1
    }

    async fn batch(
        &self,
        tx: &Transaction<'_>,
        after: Option<i64>,
    ) -> Result<Batch<i64>, BoxError> {
        let sql = "WITH batch AS (SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT 1000),
                        done AS (UPDATE users SET name_lower = lower(name) FROM batch WHERE users.id = batch.id)
                   SELECT count(*), max(id) FROM batch";
        let row = tx.query_one(sql, &[&after.unwrap_or(0)]).await?;
        let (rows, last): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        Ok(Batch {
            rows: rows.try_into()?,
            next: last,
        })
    }
}

fn migrations(chain: Chain) -> Result<Chain, Error> {
    let (version, slug) = ("20240601090000".parse()?, "fill_lower_names".parse()?);
    chain.with_data_migration(DataMigration::new(version, slug, FillLowerNames))
}

fn main() -> ExitCode {
    underpin_cli::main_with(migrations)
}
