//! What the catalog knows of the functions that a statement calls.

use crate::sql::Statement;
use underpin_pool::{Error, Executor};

/// Functions of PostgreSQL that are volatile and touch no row, or only rows that are counted as others are.
const HARMLESS: [&str; 37] = [
    "clock_timestamp",
    "currval",
    "gen_random_uuid",
    "lastval",
    "lo_close",
    "lo_creat",
    "lo_create",
    "lo_from_bytea",
    "lo_get",
    "lo_lseek",
    "lo_open",
    "lo_put",
    "lo_tell",
    "lo_truncate",
    "lo_unlink",
    "loread",
    "lowrite",
    "nextval",
    "pg_advisory_xact_lock",
    "pg_advisory_xact_lock_shared",
    "pg_database_size",
    "pg_indexes_size",
    "pg_notify",
    "pg_relation_size",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_table_size",
    "pg_total_relation_size",
    "random",
    "random_normal",
    "set_config",
    "setseed",
    "setval",
    "timeofday",
    "uuidv4",
    "uuidv7",
];

/// The same of extensions.
const HARMLESS_OF_EXTENSIONS: [&str; 8] = [
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v3",
    "uuid_generate_v4",
    "uuid_generate_v5",
];

/// A sequence is set for good, whatever becomes of the transaction.
const SETS_A_SEQUENCE: &str = "setval";

const ANY: &str = "\
SELECT format('%I.%I', n.nspname, p.proname)
FROM unnest($1::text[], $2::text[]) AS c (schema, name)
JOIN pg_proc AS p ON p.proname = c.name
JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE (n.nspname = c.schema OR c.schema IS NULL AND pg_function_is_visible(p.oid))
  AND p.provolatile = 'v'
  AND NOT (n.nspname = 'pg_catalog' AND p.proname = ANY ($3))
  AND NOT (p.proname = ANY ($4) AND EXISTS (
      SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
ORDER BY 1 LIMIT 1";

/// A function that may change anything. One that is declared STABLE or IMMUTABLE cannot change rows itself; when
/// others that it calls do, that is measured.
pub(super) async fn volatile(
    db: &impl Executor,
    statement: &Statement,
) -> Result<Option<String>, Error> {
    let calls = statement.calls();
    if calls.is_empty() {
        return Ok(None);
    }
    let (schemas, names): (Vec<_>, Vec<_>) =
        calls.into_iter().map(|it| (it.schema, it.name)).unzip();
    let (harmless, of_extensions) = (HARMLESS.as_slice(), HARMLESS_OF_EXTENSIONS.as_slice());
    let row = db
        .query_opt(ANY, &[&schemas, &names, &harmless, &of_extensions])
        .await?;
    row.map(|row| row.get(0)).transpose()
}

/// May it not be tried, because a rollback would not take it back?
pub(super) fn sets_a_sequence(statement: &Statement) -> bool {
    statement
        .calls()
        .iter()
        .any(|it| it.name == SETS_A_SEQUENCE)
}
