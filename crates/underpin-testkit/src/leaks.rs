//! What a test must not leave behind.

use std::fmt;
use underpin_core::Chain;
use underpin_pool::Session;

/// Sessions of one database that are idle in a transaction.
const OPEN_TRANSACTIONS: &str = "SELECT pid, left(query, 200) FROM pg_stat_activity \
    WHERE datname = $1 AND state LIKE 'idle in transaction%' ORDER BY pid";

/// Advisory locks held in one database.
const ADVISORY_LOCKS: &str = "SELECT l.pid, l.classid::bigint, l.objid::bigint FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
    WHERE l.locktype = 'advisory' AND d.datname = $1 ORDER BY l.pid";

/// What was found, one line each; printed as the test's failure.
#[derive(Debug, Default)]
pub(crate) struct Leaks(Vec<String>);

impl fmt::Display for Leaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the test left behind:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// Looks at one database; None when nothing is left behind.
pub(crate) async fn find_leaks(admin: &Session, name: &str, checked_out: usize) -> Option<Leaks> {
    let found = look(admin, name, checked_out).await;
    let found = found.unwrap_or_else(|error| panic!("could not look for leaks: {}", Chain(&error)));
    (!found.is_empty()).then_some(Leaks(found))
}

async fn look(
    admin: &Session,
    name: &str,
    checked_out: usize,
) -> Result<Vec<String>, underpin_pool::Error> {
    let mut found = Vec::new();
    for row in admin.query(OPEN_TRANSACTIONS, &[&name]).await? {
        let (pid, sql) = (row.get::<i32>(0)?, row.get::<String>(1)?);
        found.push(format!(
            "a transaction, open in server process {pid}; its last statement: {sql}"
        ));
    }
    for row in admin.query(ADVISORY_LOCKS, &[&name]).await? {
        let (pid, class, object) = (row.get::<i32>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?);
        found.push(format!(
            "the advisory lock ({class}, {object}), held by server process {pid}"
        ));
    }
    if checked_out > 0 {
        found.push(format!("{checked_out} checkouts that were not returned"));
    }
    Ok(found)
}
