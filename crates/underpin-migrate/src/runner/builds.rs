//! Whether somebody else is building an index: until it is done it looks as INVALID as one that was left behind.
//!
//! `pg_stat_progress_create_index` hides the rows of other roles, so an empty answer proves nothing. A concurrent build
//! holds a lock on its table from its beginning to its end, and locks hold against every role: whoever gets the same lock
//! knows that nobody builds.

use crate::Error;
use crate::sql::Statement;
use underpin_core::ErrorKind;
use underpin_pool::Session;

/// Long enough for autovacuum, which holds the same lock, to see that somebody waits and to give way.
const PATIENCE: &str = "3s";

/// Refuses to go on while another session may be building the INVALID index.
pub(super) async fn refuse(
    session: &Session,
    statement: &Statement,
    table: &str,
    index: &str,
) -> Result<(), Error> {
    // One message, which is one transaction: the lock and the setting fall with it.
    let lock = format!(
        "SET LOCAL lock_timeout = '{PATIENCE}'; LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE"
    );
    match session.batch(&lock).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::LockTimeout => {
            let message = format!(
                "{}: another session is building the index {index}, or vacuums or changes its table {table}",
                statement.place()
            );
            Err(Error::new(ErrorKind::Refused, message)
                .with_source(error)
                .with_hint(
                    "wait until it is done (see pg_locks, and pg_stat_progress_create_index as a role that may see it), \
                     then run the command again",
                ))
        }
        Err(error) => Err(Error::caused_by(
            format!("could not find out whether somebody is building the index {index}"),
            error,
        )),
    }
}
