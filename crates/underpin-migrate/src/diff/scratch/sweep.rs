//! What programs left behind that were killed.

use super::{IN_USE, PREFIX, ScratchServer, failed};
use crate::Error;
use underpin_pool::{Session, quote_identifier};

/// A database of which nobody says that it is in use was left behind; not yet when it was made a moment ago. By the
/// server's clock, as its name is.
const LEFT_BEHIND_SECONDS: i64 = 3600;

/// Nobody but this session is connected.
const ALONE: &str = "\
SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())";

const DATABASES: &str = "\
SELECT d.datname::text
FROM pg_database AS d
WHERE starts_with(d.datname, $1)
  AND split_part(substr(d.datname, length($1) + 1), '_', 1) ~ '^[0-9]{1,18}$'
  AND extract(epoch FROM clock_timestamp())::bigint
      - split_part(substr(d.datname, length($1) + 1), '_', 1)::bigint > $2
  AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datid = d.oid)
  AND NOT EXISTS (
      SELECT FROM pg_locks AS l
      WHERE l.locktype = 'advisory' AND l.classid = $3::int::bigint::oid AND l.objid = d.oid AND l.objsubid = 2)";

/// Roles that somebody's scripts have made on a cluster of ours. The cluster's own role owns its database.
const ROLES: &str = "\
SELECT r.rolname::text
FROM pg_roles AS r
WHERE r.oid >= 16384 AND r.rolname <> current_user
  AND NOT EXISTS (SELECT FROM pg_database AS d WHERE d.datdba = r.oid)
  AND NOT EXISTS (
      SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())";

/// Drops scratch databases of which nobody says that they are in use.
pub(super) async fn databases(admin: &Session, server: ScratchServer) -> Result<(), Error> {
    let row = admin.query_one(ALONE, &[]).await.map_err(failed)?;
    let is_alone = row.get(0).map_err(failed)?;
    let age = match server {
        ScratchServer::Own if is_alone => -1,
        _ => LEFT_BEHIND_SECONDS,
    };
    let found = admin.query(DATABASES, &[&PREFIX, &age, &IN_USE]).await;
    for row in found.map_err(failed)? {
        let name: String = row.get(0).map_err(failed)?;
        // Without FORCE: whoever has connected meanwhile keeps it. It is tried again by the next.
        let sql = format!("DROP DATABASE IF EXISTS {}", quote_identifier(&name));
        if let Err(error) = admin.batch(&sql).await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                database = name,
                "a scratch database that was left behind could not be dropped"
            );
        }
    }
    Ok(())
}

/// Drops roles that were left behind on a cluster of ours, while nobody else works there.
pub(super) async fn roles(admin: &Session) -> Result<(), Error> {
    for row in admin.query(ROLES, &[]).await.map_err(failed)? {
        let name: String = row.get(0).map_err(failed)?;
        let sql = format!("DROP ROLE IF EXISTS {}", quote_identifier(&name));
        if let Err(error) = admin.batch(&sql).await {
            // A role that owns something in a database of somebody's.
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                role = name,
                "a role that was left behind could not be dropped"
            );
        }
    }
    Ok(())
}
