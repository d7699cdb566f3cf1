//! Settings that PostgreSQL's own text of a definition depends on.

use crate::Error;
use underpin_core::ErrorKind;
use underpin_pool::Executor;

/// What makes equal things have equal texts, whoever asks.
const CANONICAL: [(&str, &str); 6] = [
    ("search_path", ""),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "3"),
    ("quote_all_identifiers", "off"),
];

/// What held before, to be put back.
pub(super) struct Settings(Vec<String>);

impl Settings {
    /// Makes the settings canonical until the transaction ends, or until they are put back.
    pub(super) async fn make_canonical(executor: &impl Executor) -> Result<Self, Error> {
        let names = CANONICAL.map(|(name, _)| name);
        let sql = "SELECT current_setting(name) FROM unnest($1::text[]) WITH ORDINALITY AS s (name, place) ORDER BY place";
        let rows = executor.query(sql, &[&names.as_slice()]).await?;
        let before: Result<Vec<String>, _> = rows.iter().map(|row| row.get(0)).collect();
        let wanted = CANONICAL.map(|(_, value)| value);
        set(executor, &wanted).await?;
        let now = executor
            .query_one("SELECT current_setting('search_path')", &[])
            .await?;
        if !now.get::<String>(0)?.is_empty() {
            return Err(Error::new(
                ErrorKind::TransactionState,
                "a catalog is read in a transaction, and there is none",
            )
            .with_hint("use Catalog::read, which opens one"));
        }
        Ok(Self(before?))
    }

    pub(super) async fn put_back(self, executor: &impl Executor) -> Result<(), Error> {
        let Self(before) = self;
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        set(executor, &before).await
    }
}

async fn set(executor: &impl Executor, values: &[&str]) -> Result<(), Error> {
    let names = CANONICAL.map(|(name, _)| name);
    let sql = "SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS s (name, value)";
    executor.query(sql, &[&names.as_slice(), &values]).await?;
    Ok(())
}
