//! How a statement ended that nobody saw end: the catalog is asked.

use crate::Error;
use crate::progress::{Event, Progress};
use crate::sql::{Catalog, Statement, Subject};
use underpin_core::ErrorKind;
use underpin_pool::Session;

const INDEX: &str = "\
SELECT format('%I.%I', n.nspname, i.relname), x.indisvalid,
       EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = i.oid)
FROM pg_class AS t
JOIN pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_index AS x ON x.indrelid = t.oid
JOIN pg_class AS i ON i.oid = x.indexrelid
WHERE t.oid = to_regclass($1) AND i.relname = (parse_ident($2))[1]::name";

const REINDEX_REMAINS: &str = "\
SELECT format('%I.%I', n.nspname, i.relname)
FROM pg_index AS x
JOIN pg_class AS i ON i.oid = x.indexrelid
JOIN pg_namespace AS n ON n.oid = i.relnamespace
WHERE NOT x.indisvalid AND i.relname ~ '_cc(new|old)[0-9]*$'
  AND x.indrelid = coalesce((SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass($1)), to_regclass($1))";

const DETACH: &str = "\
SELECT inhdetachpending FROM pg_inherits WHERE inhparent = to_regclass($1) AND inhrelid = to_regclass($2)";

/// How a statement stands in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It took effect.
    Done,
    /// It did not; what it left behind is gone. It can be run.
    NotDone,
}

/// Finds out how an interrupted statement ended, and clears its remains away.
///
/// # Errors
/// [`ErrorKind::HistoryConflict`] when the catalog cannot tell.
pub(super) async fn find_out(
    session: &Session,
    statement: &Statement,
    progress: &dyn Progress,
) -> Result<Found, Error> {
    let failed = |error| {
        Error::caused_by(
            "could not ask the catalog about an interrupted statement",
            error,
        )
    };
    match &statement.nature().subject {
        Subject::CreateIndex { .. } => match heal(session, statement, progress).await? {
            Healed::Valid => Ok(Found::Done),
            Healed::Absent => Ok(Found::NotDone),
        },
        Subject::DropIndex { index } => {
            let row = session
                .query_one("SELECT to_regclass($1) IS NULL", &[index])
                .await;
            Ok(found(row.and_then(|row| row.get(0)).map_err(failed)?))
        }
        Subject::Detach { table, partition } => {
            let row = session
                .query_opt(DETACH, &[table, partition])
                .await
                .map_err(failed)?;
            let pending = row.map(|row| row.get(0)).transpose().map_err(failed)?;
            if pending == Some(true) {
                let finalize = format!("ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE");
                session.batch(&finalize).await.map_err(failed)?;
            }
            Ok(found(pending != Some(false)))
        }
        Subject::Global {
            catalog,
            name,
            create,
        } => {
            let exists = match catalog {
                Catalog::Database => {
                    "SELECT EXISTS (SELECT FROM pg_database WHERE datname = (parse_ident($1))[1]::name)"
                }
                Catalog::Tablespace => {
                    "SELECT EXISTS (SELECT FROM pg_tablespace WHERE spcname = (parse_ident($1))[1]::name)"
                }
                Catalog::Subscription => {
                    "SELECT EXISTS (SELECT FROM pg_subscription WHERE subname = (parse_ident($1))[1]::name)"
                }
            };
            let row = session.query_one(exists, &[name]).await;
            let exists: bool = row.and_then(|row| row.get(0)).map_err(failed)?;
            Ok(found(exists == *create))
        }
        Subject::Reindex { .. } => {
            heal(session, statement, progress).await?;
            Ok(Found::NotDone)
        }
        Subject::Repeatable => Ok(Found::NotDone),
        Subject::Unknown => Err(unknown(statement)),
    }
}

fn found(done: bool) -> Found {
    if done { Found::Done } else { Found::NotDone }
}

/// What is there after healing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Healed {
    Valid,
    Absent,
}

/// Drops what an earlier, failed or interrupted, run of an index statement left INVALID.
///
/// An index that another session is building looks just as INVALID; it is left alone.
pub(super) async fn heal(
    session: &Session,
    statement: &Statement,
    progress: &dyn Progress,
) -> Result<Healed, Error> {
    let failed = |error| Error::caused_by("could not look for INVALID indexes", error);
    match &statement.nature().subject {
        Subject::CreateIndex {
            index: Some(index),
            table,
        } => {
            let Some(row) = session
                .query_opt(INDEX, &[table, index])
                .await
                .map_err(failed)?
            else {
                return Ok(Healed::Absent);
            };
            let name: String = row.get(0).map_err(failed)?;
            if row.get(1).map_err(failed)? {
                return Ok(Healed::Valid);
            }
            if row.get(2).map_err(failed)? {
                return Err(being_built(statement, &name));
            }
            drop_invalid(session, &name, progress).await?;
        }
        Subject::Reindex { target } => {
            for row in session
                .query(REINDEX_REMAINS, &[target])
                .await
                .map_err(failed)?
            {
                let name: String = row.get(0).map_err(failed)?;
                drop_invalid(session, &name, progress).await?;
            }
        }
        _ => {}
    }
    Ok(Healed::Absent)
}

async fn drop_invalid(session: &Session, name: &str, progress: &dyn Progress) -> Result<(), Error> {
    session
        .batch(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))
        .await
        .map_err(|error| {
            Error::caused_by(format!("could not drop the INVALID index {name}"), error)
        })?;
    progress.tell(&Event::Healed { index: name });
    Ok(())
}

fn being_built(statement: &Statement, name: &str) -> Error {
    let message = format!(
        "{}: another session is building the index {name}",
        statement.place()
    );
    Error::new(ErrorKind::Refused, message).with_hint(
        "wait until it is done (see pg_stat_progress_create_index), then run the command again",
    )
}

fn unknown(statement: &Statement) -> Error {
    let place = statement.place();
    let ordinal = statement.ordinal();
    Error::conflict(format!("{place}: statement {ordinal} was interrupted, and its effect cannot be looked up")).with_hint(
        format!(
            "look yourself whether it took effect, then tell the ledger: UPDATE underpin.migration_statements SET state \
             = 'done' (or 'failed') WHERE state = 'started' AND ordinal = {ordinal}"
        ),
    )
}
